// Makes modules of WebAssembly small, in place: `node shrink.mjs a.wasm b.wasm …`. As `wasm-opt -Oz` would, but that compiles itself
// anew for each file, which takes longer than most files do.
import { readFile, writeFile } from 'node:fs/promises';
import binaryen from 'binaryen';

const { Features } = binaryen;
// What rustc and wasm-bindgen emit for wasm32. Named one by one, so that a newer binaryen writes nothing newer.
const features =
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.NontrappingFPToInt |
  Features.SignExt |
  Features.MutableGlobals |
  Features.ReferenceTypes |
  Features.CallIndirectOverlong |
  Features.Multivalue |
  Features.ExceptionHandling;
// Functions of like names stand together: what compresses sees no further than 32 kB, and they are much alike. Then the names go too:
// they are a fifth of a module.
const last = ['reorder-functions-by-name', 'strip-debug'];

binaryen.setOptimizeLevel(2);
binaryen.setShrinkLevel(2);
binaryen.setGenerateStackIR(true);
binaryen.setOptimizeStackIR(true);
for (const file of process.argv.slice(2)) {
  const module = binaryen.readBinary(await readFile(file), features);
  module.optimize();
  module.runPasses(last);
  await writeFile(file, module.emitBinary());
  module.dispose();
}
