// A process of its own that writes a result again and again to the folder that it is given: `node --import tsx write-results.ts FOLDER TIMES`.
import { writeResultFolder } from '../../src/node/result-folder.js';

const [folder = '', times = '1'] = process.argv.slice(2);
const files = {
  'result.json': JSON.stringify({ generator: 'polyadic', files: ['result.json', 'pid'] }),
  pid: `${process.pid}`,
};
for (let time = 0; time < Number(times); time++) writeResultFolder(folder, files);
