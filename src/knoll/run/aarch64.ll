; What the run time needs of an AArch64 processor.

declare void @llvm.aarch64.hint(i32 immarg)
declare i64 @llvm.aarch64.get.fpcr()
declare void @llvm.aarch64.set.fpcr(i64)

; The number of Linux's call for sleeping on a word.
define internal i64 @futex() {
  ret i64 98
}

define internal void @pause() {
  call void @llvm.aarch64.hint(i32 1)
  ret void
}

; Calculate as kernels are meant to: round to nearest, no exceptions, numbers that are not normal are zero unless they count. Gives
; what held before.
define internal i64 @begin_calculating(i64 %denormals) {
  %before = call i64 @llvm.aarch64.get.fpcr()
  %count = icmp ne i64 %denormals, 0
  %ours = select i1 %count, i64 0, i64 16777216
  call void @llvm.aarch64.set.fpcr(i64 %ours)
  ret i64 %before
}

define internal void @end_calculating(i64 %before) {
  call void @llvm.aarch64.set.fpcr(i64 %before)
  ret void
}
