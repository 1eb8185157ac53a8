"""The build variables for sysconfig. Extension modules cannot be compiled against this build."""

build_time_vars = {"EXT_SUFFIX": ".so", "SOABI": "cpython-313-wasm32-wasi", "TZPATH": "", "VERSION": "3.13"}
