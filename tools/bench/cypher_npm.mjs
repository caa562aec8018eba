// Neo4j's language support for editors (npm, @neo4j-cypher/language-support) on Cypher files: what tools/bench/cypher.sh compares with.
//   node cypher_npm.mjs FOLDER-WITH-node_modules COUNT FILE...     COUNT: of the files, spread evenly, for it is slow
// Prints how long loading and linting take; each statement is linted by itself, as an editor would its file.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [folder, count, ...files] = process.argv.slice(2);
const step = Math.max(1, Math.floor(files.length / Number(count)));
const texts = files.filter((_, i) => i % step === 0).slice(0, Number(count)).map((f) => fs.readFileSync(f, 'utf8'));
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const start = cpu();
const support = createRequire(folder + '/')('@neo4j-cypher/language-support');
console.log(`loaded: ${start.toFixed(2)} s CPU for node, ${(cpu() - start).toFixed(2)} s for the package`);
for (const round of ['cold', 'warm']) {
  const before = cpu();
  for (const text of texts) {
    try {
      support.lintCypherQuery(text, {});
    } catch (error) {
      // A few statements make it throw; that is its answer.
    }
  }
  const seconds = cpu() - before;
  console.log(`lint, ${round}: ${texts.length} statements in ${seconds.toFixed(2)} s CPU, ${((1000 * seconds) / texts.length).toFixed(2)} ms each`);
}
