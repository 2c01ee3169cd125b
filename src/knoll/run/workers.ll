; The run time in native code: how steps are called, shared out among threads, and waited for.
;
; What depends on the processor stands in x86_64.ll and aarch64.ll, what depends on the system in futex.ll and condition.ll.
;
; A job is an array of 64-bit words:
;   0 samples   1 threads   2 samples in a group   3 samples taken at once   4 groups
;   5 arrivals at the barrier   6 next group   7 by samples?   8 steps   9 step table   10 base table   11 bases per thread
;   12 arrivals at the end   13 sums to join   14 samples of the batch   15 where a thread's argument table begins
;
; A thread's bases are the address of each buffer and, from the place that word 15 names on, the arguments of a step.
;
; A step is: function, parts, combines?, arguments, then for each argument (buffer, kind, bytes per unit).
; The kinds: 0 one for all, 1 one for each sample, 2 one for each group.

; One round of a spin wait: a pause, and from the 2,000th round on the core is yielded, as the thread waited for may need it.
define internal void @spin_wait(i64 %n) {
entry:
  call void @pause()
  %long = icmp ugt i64 %n, 2000
  br i1 %long, label %give, label %done
give:
  call void @yield_core()
  br label %done
done:
  ret void
}

; Arrive, and wait until there are `target` arrivals.
define internal void @barrier(ptr %job, i64 %target) {
entry:
  %arrivals = getelementptr i64, ptr %job, i64 5
  %mine = atomicrmw add ptr %arrivals, i64 1 acq_rel
  br label %wait
wait:
  %n = phi i64 [0, %entry], [%n.after, %again]
  %n.after = add i64 %n, 1
  %seen = load atomic i64, ptr %arrivals acquire, align 8
  %there = icmp uge i64 %seen, %target
  br i1 %there, label %done, label %again
again:
  call void @spin_wait(i64 %n)
  br label %wait
done:
  ret void
}

; Call one step for `count` samples from `sample` on, which belong to `group`, for the parts from `first` up to `last`.
define internal void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 15
  %table.word = load i64, ptr %table.at, align 8
  %table = getelementptr ptr, ptr %bases, i64 %table.word
  %function = load ptr, ptr %step, align 8
  %combines.at = getelementptr i64, ptr %step, i64 2
  %combines = load i64, ptr %combines.at, align 8
  %arguments.at = getelementptr i64, ptr %step, i64 3
  %arguments = load i64, ptr %arguments.at, align 8
  %batch.at = getelementptr i64, ptr %job, i64 14
  %batch = load i64, ptr %batch.at, align 8
  %groups.at = getelementptr i64, ptr %job, i64 13
  %groups = load i64, ptr %groups.at, align 8
  br label %argument
argument:
  %i = phi i64 [0, %entry], [%next, %argument]
  %word = mul i64 %i, 3
  %at = add i64 %word, 4
  %buffer.at = getelementptr i64, ptr %step, i64 %at
  %buffer = load i64, ptr %buffer.at, align 8
  %kind.at = getelementptr i64, ptr %buffer.at, i64 1
  %kind = load i64, ptr %kind.at, align 8
  %bytes.at = getelementptr i64, ptr %buffer.at, i64 2
  %bytes = load i64, ptr %bytes.at, align 8
  %base.at = getelementptr ptr, ptr %bases, i64 %buffer
  %base = load ptr, ptr %base.at, align 8
  %per.sample = icmp eq i64 %kind, 1
  %per.group = icmp eq i64 %kind, 2
  %group.unit = select i1 %per.group, i64 %group, i64 0
  %unit = select i1 %per.sample, i64 %sample, i64 %group.unit
  %offset = mul i64 %unit, %bytes
  %pointer = getelementptr i8, ptr %base, i64 %offset
  %slot = getelementptr ptr, ptr %table, i64 %i
  store ptr %pointer, ptr %slot, align 8
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %arguments
  br i1 %more, label %argument, label %go
go:
  %combining = icmp ne i64 %combines, 0
  %units = select i1 %combining, i64 %groups, i64 %count
  call void %function(ptr %table, i64 %units, i64 %first, i64 %last, i64 %fresh, i64 %batch)
  ret void
}

; One phase, as thread number `thread` sees it.
define void @phase(ptr %job, i64 %thread) {
entry:
  %before = call i64 @begin_calculating()
  %samples = load i64, ptr %job, align 8
  %threads.at = getelementptr i64, ptr %job, i64 1
  %threads = load i64, ptr %threads.at, align 8
  %size.at = getelementptr i64, ptr %job, i64 2
  %size = load i64, ptr %size.at, align 8
  %chunk.at = getelementptr i64, ptr %job, i64 3
  %chunk = load i64, ptr %chunk.at, align 8
  %groups.at = getelementptr i64, ptr %job, i64 4
  %groups = load i64, ptr %groups.at, align 8
  %next.at = getelementptr i64, ptr %job, i64 6
  %mode.at = getelementptr i64, ptr %job, i64 7
  %mode = load i64, ptr %mode.at, align 8
  %by.samples = icmp ne i64 %mode, 0
  %steps.at = getelementptr i64, ptr %job, i64 8
  %steps = load i64, ptr %steps.at, align 8
  %first.at = getelementptr i64, ptr %job, i64 9
  %first.step = load ptr, ptr %first.at, align 8
  %bases.at = getelementptr i64, ptr %job, i64 10
  %all.bases = load ptr, ptr %bases.at, align 8
  %width.at = getelementptr i64, ptr %job, i64 11
  %width = load i64, ptr %width.at, align 8
  %skip = mul i64 %thread, %width
  %bases = getelementptr ptr, ptr %all.bases, i64 %skip
  br label %take

; By samples: threads take groups as they become free, each works through all steps alone.
; By parts: all threads go through all groups together, and wait for each other after each step.
take:
  %rounds = phi i64 [0, %entry], [%rounds.after, %group.done]
  %arrived = phi i64 [0, %entry], [%arrived.after, %group.done]
  br i1 %by.samples, label %take.next, label %take.same
take.next:
  %taken = atomicrmw add ptr %next.at, i64 1 acq_rel
  br label %taken.group
take.same:
  br label %taken.group
taken.group:
  %group = phi i64 [%taken, %take.next], [%rounds, %take.same]
  %rounds.after = add i64 %rounds, 1
  %left = icmp ult i64 %group, %groups
  br i1 %left, label %start, label %finished
start:
  %from = mul i64 %group, %size
  %to.all = add i64 %from, %size
  %over = icmp ugt i64 %to.all, %samples
  %to = select i1 %over, i64 %samples, i64 %to.all
  br label %chunk.loop
chunk.loop:
  %sample = phi i64 [%from, %start], [%sample.after, %chunk.done]
  %arrived.chunk = phi i64 [%arrived, %start], [%arrived.step, %chunk.done]
  %rest = sub i64 %to, %sample
  %short = icmp ult i64 %rest, %chunk
  %count = select i1 %short, i64 %rest, i64 %chunk
  %is.first = icmp eq i64 %sample, %from
  %fresh = zext i1 %is.first to i64
  br label %step.loop
step.loop:
  %s = phi i64 [0, %chunk.loop], [%s.after, %step.done]
  %step = phi ptr [%first.step, %chunk.loop], [%step.after, %step.done]
  %arrived.before = phi i64 [%arrived.chunk, %chunk.loop], [%arrived.step, %step.done]
  %parts.at = getelementptr i64, ptr %step, i64 1
  %parts = load i64, ptr %parts.at, align 8
  br i1 %by.samples, label %alone, label %shared
alone:
  call void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 0, i64 %parts, i64 %fresh)
  br label %step.done
shared:
  %begin.all = mul i64 %parts, %thread
  %begin = udiv i64 %begin.all, %threads
  %after.me = add i64 %thread, 1
  %end.all = mul i64 %parts, %after.me
  %end = udiv i64 %end.all, %threads
  %some = icmp ult i64 %begin, %end
  br i1 %some, label %share, label %meet
share:
  call void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %begin, i64 %end, i64 %fresh)
  br label %meet
meet:
  %arrived.here = add i64 %arrived.before, %threads
  call void @barrier(ptr %job, i64 %arrived.here)
  br label %step.done
step.done:
  %arrived.step = phi i64 [%arrived.before, %alone], [%arrived.here, %meet]
  %words.at = getelementptr i64, ptr %step, i64 3
  %words = load i64, ptr %words.at, align 8
  %argument.words = mul i64 %words, 3
  %all.words = add i64 %argument.words, 4
  %step.after = getelementptr i64, ptr %step, i64 %all.words
  %s.after = add i64 %s, 1
  %more.steps = icmp ult i64 %s.after, %steps
  br i1 %more.steps, label %step.loop, label %chunk.done
chunk.done:
  %sample.after = add i64 %sample, %count
  %more.samples = icmp ult i64 %sample.after, %to
  br i1 %more.samples, label %chunk.loop, label %group.done
group.done:
  %arrived.after = phi i64 [%arrived.step, %chunk.done]
  br label %take
finished:
  call void @end_calculating(i64 %before)
  ret void
}

; Several phases, one after the other; all threads meet between them. A list is: how many, then a job for each.
define void @phases(ptr %list, i64 %thread) {
entry:
  %count = load i64, ptr %list, align 8
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %met]
  %next = add i64 %i, 1
  %job.at = getelementptr ptr, ptr %list, i64 %next
  %job = load ptr, ptr %job.at, align 8
  call void @phase(ptr %job, i64 %thread)
  %threads.at = getelementptr i64, ptr %job, i64 1
  %threads = load i64, ptr %threads.at, align 8
  %meeting.at = getelementptr i64, ptr %job, i64 12
  %mine = atomicrmw add ptr %meeting.at, i64 1 acq_rel
  br label %wait
wait:
  %n = phi i64 [0, %loop], [%n.after, %again]
  %n.after = add i64 %n, 1
  %seen = load atomic i64, ptr %meeting.at acquire, align 8
  %there = icmp uge i64 %seen, %threads
  br i1 %there, label %met, label %again
again:
  call void @spin_wait(i64 %n)
  br label %wait
met:
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %done
done:
  ret void
}

; A worker waits for work. It comes back to Python only where the system cannot let it sleep, with the last dispatch it saw.
; The control block: word 0 (32 bits) counts dispatches, word 8 counts workers that are done, word 16 is the address of the list,
; word 17 how many threads are wanted. `seen` is how many dispatches there had been when the worker was started.
define i64 @worker(ptr %control, i64 %thread, i64 %seen) {
entry:
  %start = trunc i64 %seen to i32
  br label %wait
wait:
  %last = phi i32 [%start, %entry], [%dispatches, %served]
  br label %spin
spin:
  %n = phi i32 [0, %wait], [%n.after, %nap]
  %dispatches = load atomic i32, ptr %control acquire, align 4
  %same = icmp eq i32 %dispatches, %last
  br i1 %same, label %idle, label %look
idle:
  %n.after = add i32 %n, 1
  %patient = icmp ult i32 %n, 20000
  br i1 %patient, label %breathe, label %sleep
breathe:
  call void @pause()
  br label %nap
sleep:
  %slept = call i1 @sleep(ptr %control, i32 %last, i32 %n)
  br i1 %slept, label %nap, label %leave
nap:
  br label %spin
look:
  %list.at = getelementptr i64, ptr %control, i64 16
  %list = load ptr, ptr %list.at, align 8
  %wanted.at = getelementptr i64, ptr %control, i64 17
  %wanted = load i64, ptr %wanted.at, align 8
  %mine = icmp ult i64 %thread, %wanted
  br i1 %mine, label %serve, label %served
serve:
  call void @phases(ptr %list, i64 %thread)
  %done.at = getelementptr i64, ptr %control, i64 8
  %d = atomicrmw add ptr %done.at, i64 1 acq_rel
  br label %served
served:
  br label %wait
leave:
  %seen.last = zext i32 %last to i64
  ret i64 %seen.last
}

; Do the phases with `threads` threads, this one among them.
define void @dispatch(ptr %control, ptr %list, i64 %threads) {
entry:
  %done.at = getelementptr i64, ptr %control, i64 8
  %others = sub i64 %threads, 1
  %several = icmp ugt i64 %threads, 1
  br i1 %several, label %call, label %work
call:
  %list.at = getelementptr i64, ptr %control, i64 16
  store ptr %list, ptr %list.at, align 8
  %wanted.at = getelementptr i64, ptr %control, i64 17
  store i64 %threads, ptr %wanted.at, align 8
  store atomic i64 0, ptr %done.at release, align 8
  %dispatches = atomicrmw add ptr %control, i32 1 acq_rel
  call void @wake(ptr %control)
  br label %work
work:
  call void @phases(ptr %list, i64 0)
  br i1 %several, label %wait, label %home
wait:
  %n = phi i64 [0, %work], [%n.after, %again]
  %n.after = add i64 %n, 1
  %done = load atomic i64, ptr %done.at acquire, align 8
  %all = icmp uge i64 %done, %others
  br i1 %all, label %home, label %again
again:
  call void @spin_wait(i64 %n)
  br label %wait
home:
  ret void
}
