/* setjmp.h: wasm without exception handling has no setjmp. This one returns 0 once; longjmp reports
 * to the host and ends the script (guest/abort.cpp). */
#pragma once
#ifdef __cplusplus
extern "C" {
#endif
typedef int jmp_buf[1];
typedef jmp_buf sigjmp_buf;
__attribute__((noreturn)) void tabcell_longjmp(void);
#define setjmp(b) ((void)(b), 0)
#define sigsetjmp(b, s) ((void)(b), 0)
#define longjmp(b, v) tabcell_longjmp()
#define siglongjmp(b, v) tabcell_longjmp()
#ifdef __cplusplus
}
#endif
