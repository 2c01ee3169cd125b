; Waiting elsewhere: a worker dozes for short times; one that has waited for long goes back to Python, and sleeps there on
; a condition, as waking from that takes the interpreter's lock.

declare i32 @sched_yield()
declare i32 @usleep(i32)

; The core on which this thread runs: less than zero, as not every system says it.
define internal i64 @core() {
  ret i64 -1
}

define internal void @yield_core() {
  %r = call i32 @sched_yield()
  ret void
}

; Doze for a moment, and say whether to go on so: some 0.2 s, by the turns that a worker has waited.
define internal i1 @sleep(ptr %control, i32 %last, i32 %rounds) {
  %r = call i32 @usleep(i32 50)
  %patient = icmp ult i32 %rounds, 22000
  ret i1 %patient
}

define internal void @wake(ptr %control) {
  ret void
}
