// Runs a .tflite model on a raw input file: node run.mjs MODEL INPUT
// Prints {"outputs": [{"name", "type", "shape", "values"}]} as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [modelPath, inputPath] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const wasm = join(dirname(require.resolve("@tensorflow/tfjs-tflite/package.json")), "wasm");
// The package's own wrapper needs a browser; the WebAssembly module itself runs in Node.
const createModule = require(join(wasm, "tflite_web_api_cc_simd.js"));
const runtime = await createModule({
  wasmBinary: readFileSync(join(wasm, "tflite_web_api_cc_simd.wasm")),
  print: text => console.error(text),
  printErr: text => console.error(text),
});

const fail = message => {
  console.error(message);
  process.exit(1);
};

const model = readFileSync(modelPath);
const address = runtime._malloc(model.length);
runtime.HEAPU8.set(model, address);
const created = runtime.TFLiteWebModelRunner.CreateFromBufferAndOptions(address, model.length, {
  numThreads: 1,
  enableProfiling: false,
  maxProfilingBufferEntries: 1024,
});
if (!created.ok()) fail(`the model cannot be opened: ${created.errorMessage()}`);
const runner = created.value();

const tensors = vector => Array.from({ length: vector.size() }, (_, i) => vector.get(i));
const [input] = tensors(runner.GetInputs());
const raw = readFileSync(inputPath);
const target = input.data();
if (raw.length !== target.byteLength) fail(`the input has ${raw.length} bytes, ${input.name} takes ${target.byteLength}`);
new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(raw);
if (!runner.Infer()) fail("the run failed");

// Outputs are looked up after the run: tensors may have moved.
const outputs = tensors(runner.GetOutputs()).map(t => ({ name: t.name, type: t.dataType, shape: t.shape, values: Array.from(t.data()) }));
console.log(JSON.stringify({ outputs }));
