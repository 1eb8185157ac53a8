"""What sysconfig knows of this build; nothing can be compiled against it."""

build_time_vars = {"EXT_SUFFIX": ".so", "SOABI": "cpython-313-wasm32-wasi", "TZPATH": "", "VERSION": "3.13"}
