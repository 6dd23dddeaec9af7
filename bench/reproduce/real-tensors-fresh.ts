// The fresh real tensors: 49 tables that exist, of many fields, chosen without a look at what is to be expected of their rank. Which they
// are, how they are arranged and standardized (real_fresh.py), and that all of them count was decided and committed before any of them was
// decomposed by any program. None is left out or arranged anew after a look at its answer.
import type { RealTensor } from './real-tensor.js';

/** Tables of one source under the same terms: of each its modes and who made it. */
function tensorsOf(
  source: string,
  terms: string,
  tables: Readonly<Record<string, readonly [modes: string, origin: string]>>,
): RealTensor[] {
  return Object.entries(tables).map(([name, [modes, origin]]) => ({
    name,
    half: 'fresh',
    modes,
    source: `${source}; ${origin}`,
    terms,
  }));
}

const vega = 'npm vega-datasets 3.2.1';
const ofPackage = (license: string): string =>
  `those of the package, ${license}; none of the table itself are named there`;

export const freshTensors: readonly RealTensor[] = [
  ...tensorsOf(vega, 'IPUMS terms of use: free with the citation', {
    us_population: ['people, year × age × sex', 'IPUMS USA'],
    occupations: ['share of the employed, occupation × year × sex', 'IPUMS USA'],
  }),
  ...tensorsOf('github.com/mwaskom/seaborn-data', 'none named', {
    fmri: ['signal, subject × time × event × region', 'Waskom et al., Cereb. Cortex (2017)'],
  }),
  // Rdatasets has tables of R packages as CSV files.
  ...tensorsOf('github.com/vincentarelbundock/Rdatasets', ofPackage('GPL-3'), {
    tourism: ['overnight trips, region of Australia × purpose × quarter', 'tsibble, Tourism Research Australia'],
    livestock: ['log 1 + slaughtered animals, animal × state × month', 'tsibbledata, Australian Bureau of Statistics'],
    electricity_victoria: [
      'day × half hour × demand, temperature; standardized',
      'tsibbledata, Australian Energy Market Operator',
    ],
    global_economy: [
      'country × year × log 1 + product, prices, imports, exports, population; standardized',
      'tsibbledata, World Bank',
    ],
    ansett: ['passengers, route × class × week', 'tsibbledata, Ansett Airlines'],
    household_budgets: [
      'country × year × debt, income, expenditure, savings, wealth, unemployment; standardized',
      'tsibbledata, OECD',
    ],
    electricity_england: [
      'demand, week × weekday × half hour',
      'timeSeriesDataSets; Taylor, J. Oper. Res. Soc. 54 (2003)',
    ],
    traffic_deaths: [
      'state × year × deaths per head: all, at night, of one car, of three ages, with alcohol; standardized',
      'AER; Ruhm, J. Health Econ. 15 (1996)',
    ],
    crime: [
      'state × year × log rate of violence, murder, robbery, prisoners; standardized',
      'AER; Ayres & Donohue, Stanford Law Rev. 55 (2003)',
    ],
    airfare: ['route × year × log passengers, fare, share of the largest carrier; standardized', 'wooldridge'],
    cigarettes: [
      'state × year × log price, income, sales, lowest price of the neighbors; standardized',
      'plm; Baltagi (2001)',
    ],
    rice_farms: [
      'farm × season × log size, seed, urea, labor, output; standardized',
      'plm; Feng & Horrace, J. Appl. Econom. 27 (2012)',
    ],
    tuberculosis: ['log 1 + cases, country × year × sex × age', 'tidyr, World Health Organization'],
    world_population: ['country × year × growth, log total, the same of towns; standardized', 'tidyr, World Bank'],
    oats: ['yield, variety × place × year', 'agridat; Edwards & Jannink, Crop Sci. 46 (2006)'],
    soybean: ['variety × environment × trait; standardized', 'agridat; Basford & Tukey (1999)'],
    suicide: ['counts, method × age × sex', 'vcd; Heuer (1979)'],
    danish_welfare: ['counts, alcohol × income × status × kind of town', 'vcd; Andersen (1991)'],
    graduates: [
      'counts, what they did next × rank at school × occupation of the father × sex',
      'vcdExtra; Hoyt et al. (1959)',
    ],
    french_fries: ['week × oil × taster × flavor', 'reshape2'],
    contagious_diseases: ['log 1 + cases per 100,000, disease × state × year', 'dslabs, Project Tycho'],
    chicago_transit: ['week × weekday × station, riders; standardized', 'modeldata; Kuhn & Johnson (2020)'],
    repeated_measures: ['score, subject × phase × hour', 'carData; O’Brien & Kaiser, Psychol. Bull. 97 (1985)'],
    texas_housing: [
      'city × month × log 1 + sales, volume, median price, listings, inventory; standardized',
      'ggplot2, Texas A&M Real Estate Center',
    ],
    new_york_weather: [
      'airport × day × hour × temperature, dew point, humidity, wind, pressure, sight; standardized',
      'nycflights13, Iowa Environmental Mesonet',
    ],
  }),
  ...tensorsOf('github.com/cran/fda', ofPackage('GPL-2 or later'), {
    gait: ['degrees, time × boy × hip, knee', 'Ramsay & Silverman (2005)'],
    handwriting: ['time × repetition × coordinate', 'Ramsay & Silverman (2005)'],
    canadian_weather: ['day × station × temperature, log precipitation; standardized', 'Ramsay & Silverman (2005)'],
  }),
  ...tensorsOf('github.com/cran/shapes', ofPackage('GPL-2'), {
    brains: ['landmark × coordinate × brain', 'Free et al., NeuroImage 13 (2001)'],
    gorillas: ['landmark × coordinate × skull', 'O’Higgins & Dryden, J. Hum. Evol. 24 (1993)'],
  }),
  ...tensorsOf('github.com/cran/amen', ofPackage('GPL-3'), {
    cold_war: ['military cooperation and conflict, country × country × year', 'Xun Cao'],
    dutch_students: [
      'friendship, student × student × occasion',
      'van de Bunt, van Duijn & Snijders, Comput. Math. Organ. Theory 5 (1999)',
    ],
  }),
  ...tensorsOf('github.com/cran/tensorregress', ofPackage('GPL-2 or later'), {
    nations: ['is there, country × country × relation', 'Rummel, Dimensionality of Nations; 1950 to 1965'],
    brain_networks: ['is there a fiber, region × region × person', 'Human Connectome Project'],
  }),
  ...tensorsOf('github.com/cran/staRdom', ofPackage('AGPL'), {
    organic_matter: [
      'fluorescence of natural water, sample × emission × excitation, scattered light missing',
      'Murphy et al., Anal. Methods 5 (2013)',
    ],
  }),
  ...tensorsOf('github.com/valentint/rrcov3way', ofPackage('GPL-3'), {
    parenting: [
      'judgment, girl × scale × who of whom; centered and scaled',
      'Kojima (1975); Kroonenberg, Applied Multiway Data Analysis (2008)',
    ],
    growth: ['girl × age × length of the body; standardized', 'Sempé (1987); Kroonenberg (2008)'],
    arno: ['distance from the spring × occasion × log constituent; standardized', 'Nisi et al., J. Hydrol. 360 (2008)'],
    satisfaction: ['answers of students, faculty × question × year', 'Simonacci & Gallo, Qual. Quant. 51 (2017)'],
    manufacturing: ['share of the value added, country × level of technology × year', 'UNIDO'],
  }),
  ...tensorsOf('github.com/cran/multiway', ofPackage('GPL-2 or later'), {
    alcohol: ['consumption per head, state × year × beverage', 'NIAAA Surveillance Report 102 (2015)'],
  }),
  ...tensorsOf('github.com/cran/PTAk', ofPackage('GPL-2 or later'), {
    tunisia: [
      'place × month × rain, mean, highest and lowest temperature, potential evapotranspiration; standardized',
      'WorldClim; Leibovici et al., IEEE Trans. Geosci. Remote Sens. 45 (2007)',
    ],
  }),
  ...tensorsOf('github.com/cran/eegkitdata', ofPackage('GPL-2 or later'), {
    eeg: ['mean voltage over trials, subject × channel × time', 'Begleiter; UCI Machine Learning Repository'],
  }),
  ...tensorsOf('github.com/cran/ThreeWay', ofPackage('GPL-2 or later'), {
    television: ['rating, scale × student × show', 'Lundy, Harshman & Kruskal (1989)'],
    reading: ['score relative to the largest, pupil × week × test', 'Bus; Kroonenberg (1983)'],
    kinship: ['times grouped together, term × term × group of subjects', 'Rosenberg & Kim (1975)'],
  }),
];
