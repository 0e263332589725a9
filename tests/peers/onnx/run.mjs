// Runs models in ONNX Runtime. Argument: a JSON file with a list of
//   { "model": path, "type": "float32" | "uint8" | "int8", "dims": [..], "input": path, "output": path, "level": "all" | "extended" | "basic" | "disabled", "precise": true | false }
// Precise sums products of uint8 and int8 exactly on x86 without VNNI too, where they saturate otherwise. Inputs and outputs are raw little-endian elements. One line of JSON for each model goes to standard output: its dims, or its error.
import { readFileSync, writeFileSync } from 'node:fs';
import ort from 'onnxruntime-node';

const arrays = { float32: Float32Array, uint8: Uint8Array, int8: Int8Array };

for (const job of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  try {
    const session = await ort.InferenceSession.create(job.model, {
      graphOptimizationLevel: job.level ?? 'all', intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3,
      extra: { session: { x64quantprecision: job.precise ? '1' : '0' } },
    });
    const bytes = readFileSync(job.input);
    const data = new arrays[job.type](new Uint8Array(bytes).buffer);
    const results = await session.run({ [session.inputNames[0]]: new ort.Tensor(job.type, data, job.dims) });
    const output = results[session.outputNames[0]];
    writeFileSync(job.output, Buffer.from(output.data.buffer, output.data.byteOffset, output.data.byteLength));
    console.log(JSON.stringify({ dims: output.dims, type: output.type }));
    await session.release();
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.message ?? error) }));
  }
}
