const root = process.argv[2]!;
const { decompose, observed } = await import(root + '/src/index.ts');
const { plantedObserved } = await import(root + '/src/problems/index.ts');
import { createHash } from 'node:crypto';
const cases: [any, any][] = [];
for (const seed of [1,2,3]) for (const [shape, rank, share, noise] of [[[10,10,10],3,0.15,0],[[10,10,10],3,0.3,0.1],[[20,20,20],3,0.05,0],[[8,8,8,8],2,0.1,0.05],[[60,50,5],3,0.3,0.5]] as const)
  cases.push([plantedObserved({ shape: [...shape], rank, share, seed, noise }).target, { seed }], [plantedObserved({ shape: [...shape], rank, share, seed, noise }).target, { seed, rank }]);
const big = plantedObserved({ shape: [60,60,60], rank: 4, share: 0.3, seed: 9, noise: 0.2 }).target; cases.push([big, {seed: 3}]);
const shifted = plantedObserved({ shape: [15,16,17], rank: 3, share: 0.3, seed: 4, noise: 0.1 }).target;
cases.push([observed(shifted.shape, shifted.indices, shifted.values.map((v: number)=>v+20)), { seed: 1 }]);
for (const loss of ['huber','poisson']) { const t = plantedObserved({ shape: [12,12,12], rank: 2, share: 0.4, seed: 5, noise: 0.1 }).target; const vals = loss==='poisson'? t.values.map((v:number)=>Math.max(0,Math.round(3+2*v))):t.values.map((v:number,i:number)=>i%17===0?v+30:v); cases.push([observed(t.shape, t.indices, vals), { loss, seed: 2 }]); }
for (const [t, o] of cases) { const r = await decompose(t, { backend: 'cpu', algorithm: 'variational', ...o });
 const h = createHash('sha1'); for (const f of r.kruskal.factors) h.update(new Uint8Array(f.data.buffer, f.data.byteOffset, f.data.byteLength)); console.log(r.rank, r.stop, r.relativeError.toExponential(3), h.digest('hex').slice(0,12)); }
