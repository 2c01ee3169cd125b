; What the run time needs of an x86-64 processor.

declare void @llvm.x86.sse2.pause()
declare void @llvm.x86.sse.stmxcsr(ptr)
declare void @llvm.x86.sse.ldmxcsr(ptr)

; The number of Linux's call for sleeping on a word.
define internal i64 @futex() {
  ret i64 202
}

define internal void @pause() {
  call void @llvm.x86.sse2.pause()
  ret void
}

; Calculate as kernels are meant to: round to nearest, no exceptions, numbers that are not normal are zero unless they count. Gives
; what held before.
define internal i64 @begin_calculating(i64 %denormals) {
  %control = alloca i32, align 4
  call void @llvm.x86.sse.stmxcsr(ptr %control)
  %before = load i32, ptr %control, align 4
  %count = icmp ne i64 %denormals, 0
  %ours = select i1 %count, i32 8064, i32 40896
  store i32 %ours, ptr %control, align 4
  call void @llvm.x86.sse.ldmxcsr(ptr %control)
  %word = zext i32 %before to i64
  ret i64 %word
}

define internal void @end_calculating(i64 %before) {
  %control = alloca i32, align 4
  %word = trunc i64 %before to i32
  store i32 %word, ptr %control, align 4
  call void @llvm.x86.sse.ldmxcsr(ptr %control)
  ret void
}
