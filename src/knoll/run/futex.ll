; Waiting on Linux: the kernel wakes those that sleep on a word.

declare i64 @syscall(i64, ...)
declare i32 @sched_yield()
declare i32 @sched_getcpu()

; The core on which this thread runs.
define internal i64 @core() {
  %core = call i32 @sched_getcpu()
  %wide = sext i32 %core to i64
  ret i64 %wide
}

define internal void @yield_core() {
  %r = call i32 @sched_yield()
  ret void
}

; Sleep as long as the word is `last`; true, as this system can.
define internal i1 @sleep(ptr %control, i32 %last, i32 %rounds) {
  %number = call i64 @futex()
  %r = call i64 (i64, ...) @syscall(i64 %number, ptr %control, i64 128, i32 %last, ptr null, ptr null, i32 0)
  ret i1 true
}

define internal void @wake(ptr %control) {
  %number = call i64 @futex()
  %r = call i64 (i64, ...) @syscall(i64 %number, ptr %control, i64 129, i32 2147483647, ptr null, ptr null, i32 0)
  ret void
}
