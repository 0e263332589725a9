"""Checks ONNX files with onnx.checker, full shape inference included. Arguments: the files. Prints one line for each that fails."""
import sys

import onnx
from onnx import checker, defs, shape_inference

failures = 0
for path in sys.argv[1:]:
    model = onnx.load(path)
    opset = next(o.version for o in model.opset_import if o.domain == "")
    if opset > defs.onnx_opset_version():
        print(f"SKIP {path}: opset {opset} is newer than this onnx knows")
        continue
    try:
        checker.check_model(model, full_check=True)
        inferred = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        # The checker cannot infer what ONNX Runtime's own operators give.
        if any(o.domain == "com.microsoft" for o in model.opset_import):
            continue
        for value in list(inferred.graph.output) + list(inferred.graph.value_info):
            shape = value.type.tensor_type.shape
            if not shape.dim or (shape.dim[0].dim_value == 0 and not shape.dim[0].dim_param and len(shape.dim) > 1):
                print(f"NOTE {path}: {value.name} has no batch")
    except Exception as error:
        failures += 1
        print(f"FAIL {path}: {str(error).strip()}")
sys.exit(1 if failures else 0)
