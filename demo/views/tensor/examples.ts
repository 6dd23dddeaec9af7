// What to look for in the examples.
export const lookFor = {
  unemployment:
    'At rank 2, one component is farming and construction, with a season: high in winter, low in summer. The other is everybody, flat over the year, with the jump of 2009. At rank 3 the error falls on, but two components almost cancel each other: a rank too many.',
  births:
    'Nearly everything is one component: so many births a day, all year. At rank 2, the component with low weekends doubles from 1969 to 1988 while the flat one halves: more and more births are planned, for a weekday.',
  none: '',
} as const;
