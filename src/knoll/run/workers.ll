; The run time in native code: how steps are called, shared out among threads, and waited for.
;
; What depends on the processor stands in x86_64.ll and aarch64.ll, what depends on the system in futex.ll and condition.ll.
;
; Work is stolen: a step is cut into pieces, of which each thread has a share. A thread takes its own share first, then pieces of
; others' shares. Nobody waits for a thread that has not begun: the caller does what no worker has taken. It waits for pieces that
; others have taken and not finished, and for nothing else; a worker may come late, or find the work done.
;
; A list is what a dispatch does: how many jobs, how many threads, how many pieces were done before it, whether numbers that are not
; normal count, then the address of each job.
; It stays where it is as long as a worker may be inside, even one that comes when all is done (`dispatch` says so).
;
; A job is an array of 64-bit words (`Job` in launch.py says what they are):
;   0 samples   1 samples in a group   2 samples taken at once   3 groups   4 by samples?   5 steps   6 step table
;   7 base table   8 bases per thread   9 sums to join   10 samples of the batch   11 where a thread's argument table begins
;   12 the first group, where threads share each step
;
; A thread's bases are the address of each buffer and, from the place that word 11 names on, the arguments of a step.
;
; A step is: function, parts, combines?, arguments, then for each argument (buffer, kind, bytes per unit).
; The kinds: 0 one for all, 1 one for each sample, 2 one for each group, 3 no buffer: the last word itself, a number.
;
; A fusion is: 0, bands, steps, a third of the words that follow; then, for each band and each step, the first of the step's parts
; that the band needs and the one behind the last; then the steps.
;
; The control block is made of cache lines of eight words each:
;   line 0: how many dispatches there have been (32 bits, on which workers sleep)
;   line 1: the list that may be entered, or zero; the core on which its caller runs
;   line 2: pieces that are done, of all dispatches
;   line 3: workers that are inside a list
;   line 4: workers that sleep
;   line 8 + t: the share of thread t
;
; A share is one word, so that it changes as a whole: 48 bits of the count of pieces before its step, which say what step it
; belongs to, and 8 bits each for the first of its pieces that is left and the one behind the last. A share whose step is an
; earlier one has not been touched yet, and is whole; one whose step is a later one has nothing for a thread that lags behind.

%place = type { ptr, ptr, ptr, i64, i64, i64, i64, i64 }

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

; The first piece of a thread's share: they are dealt in order, and the first thread gets what there is only one of.
define internal i64 @begins(i64 %thread, i64 %threads, i64 %pieces) {
  %scaled = mul i64 %thread, %pieces
  %less = sub i64 %threads, 1
  %up = add i64 %scaled, %less
  %first = udiv i64 %up, %threads
  ret i64 %first
}

; Take pieces of the share of thread `whose` in the step before which `before` pieces were done, from its front if it is one's
; own, else from its back: 1 / `divisor` of the whole share. Gives their number, the first, and the one behind the last.
define internal { i64, i64, i64 } @take(ptr %control, i64 %whose, i1 %own, i64 %threads, i64 %before, i64 %pieces, i64 %divisor) {
entry:
  %line = add i64 %whose, 8
  %words = shl i64 %line, 3
  %share = getelementptr i64, ptr %control, i64 %words
  %after.whose = add i64 %whose, 1
  %begin = call i64 @begins(i64 %whose, i64 %threads, i64 %pieces)
  %end = call i64 @begins(i64 %after.whose, i64 %threads, i64 %pieces)
  %whole = sub i64 %end, %begin
  %step = shl i64 %before, 16
  %found = load atomic i64, ptr %share monotonic, align 8
  br label %look
look:
  %word = phi i64 [%found, %entry], [%seen, %try]
  %word.step = and i64 %word, -65536
  %apart = sub i64 %word.step, %step
  %later = icmp sgt i64 %apart, 0
  br i1 %later, label %nothing, label %current
current:
  %untouched = icmp slt i64 %apart, 0
  %word.first = lshr i64 %word, 8
  %stored.first = and i64 %word.first, 255
  %stored.last = and i64 %word, 255
  %first = select i1 %untouched, i64 0, i64 %stored.first
  %last = select i1 %untouched, i64 %whole, i64 %stored.last
  %some = icmp ult i64 %first, %last
  br i1 %some, label %try, label %nothing
try:
  %left = sub i64 %last, %first
  %up = add i64 %whole, %divisor
  %less = sub i64 %up, 1
  %wanted = udiv i64 %less, %divisor
  %enough = icmp ult i64 %wanted, %left
  %count = select i1 %enough, i64 %wanted, i64 %left
  %front = add i64 %first, %count
  %back = sub i64 %last, %count
  %first.after = select i1 %own, i64 %front, i64 %first
  %last.after = select i1 %own, i64 %last, i64 %back
  %first.bits = shl i64 %first.after, 8
  %range = or i64 %first.bits, %last.after
  %new = or i64 %step, %range
  %swap = cmpxchg ptr %share, i64 %word, i64 %new acq_rel monotonic, align 8
  %seen = extractvalue { i64, i1 } %swap, 0
  %swapped = extractvalue { i64, i1 } %swap, 1
  br i1 %swapped, label %taken, label %look
taken:
  %mine.start = select i1 %own, i64 %first, i64 %back
  %mine.first = add i64 %begin, %mine.start
  %mine.last = add i64 %mine.first, %count
  %a = insertvalue { i64, i64, i64 } undef, i64 %count, 0
  %b = insertvalue { i64, i64, i64 } %a, i64 %mine.first, 1
  %c = insertvalue { i64, i64, i64 } %b, i64 %mine.last, 2
  ret { i64, i64, i64 } %c
nothing:
  ret { i64, i64, i64 } zeroinitializer
}

; Call a step or a fusion for `count` samples from `sample` on, which belong to `group`, for the parts or bands from `first` up to
; `last`.
define internal void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh) {
entry:
  %function = load ptr, ptr %step, align 8
  %fused = icmp eq ptr %function, null
  br i1 %fused, label %fusion, label %single
fusion:
  call void @bands(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh)
  ret void
single:
  call void @kernel(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh)
  ret void
}

; Run the steps of a fusion, band after band: of each step the parts that a band needs and no earlier one of this call did.
define internal void @bands(ptr %job, ptr %fusion, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh) {
entry:
  %steps.at = getelementptr i64, ptr %fusion, i64 2
  %steps = load i64, ptr %steps.at, align 8
  %bands.at = getelementptr i64, ptr %fusion, i64 1
  %bands = load i64, ptr %bands.at, align 8
  %pairs = mul i64 %bands, %steps
  %range.words = shl i64 %pairs, 1
  %ranges = getelementptr i64, ptr %fusion, i64 4
  %start = getelementptr i64, ptr %ranges, i64 %range.words
  br label %band.loop
band.loop:
  %band = phi i64 [%first, %entry], [%band.after, %band.done]
  %row = mul i64 %band, %steps
  br label %step.loop
step.loop:
  %i = phi i64 [0, %band.loop], [%i.after, %step.done]
  %step = phi ptr [%start, %band.loop], [%step.after, %step.done]
  %pair = add i64 %row, %i
  %word = shl i64 %pair, 1
  %from.at = getelementptr i64, ptr %ranges, i64 %word
  %needed = load i64, ptr %from.at, align 8
  %to.at = getelementptr i64, ptr %from.at, i64 1
  %to = load i64, ptr %to.at, align 8
  %is.first = icmp eq i64 %band, %first
  br i1 %is.first, label %begin, label %continue
continue:
  %pair.before = sub i64 %pair, %steps
  %word.before = shl i64 %pair.before, 1
  %word.done = add i64 %word.before, 1
  %done.at = getelementptr i64, ptr %ranges, i64 %word.done
  %done = load i64, ptr %done.at, align 8
  %is.done = icmp ult i64 %needed, %done
  %rest = select i1 %is.done, i64 %done, i64 %needed
  br label %begin
begin:
  %from = phi i64 [%needed, %step.loop], [%rest, %continue]
  %some = icmp ult i64 %from, %to
  br i1 %some, label %run, label %step.done
run:
  call void @kernel(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %from, i64 %to, i64 %fresh)
  br label %step.done
step.done:
  %arguments.at = getelementptr i64, ptr %step, i64 3
  %arguments = load i64, ptr %arguments.at, align 8
  %argument.words = mul i64 %arguments, 3
  %all.words = add i64 %argument.words, 4
  %step.after = getelementptr i64, ptr %step, i64 %all.words
  %i.after = add i64 %i, 1
  %more.steps = icmp ult i64 %i.after, %steps
  br i1 %more.steps, label %step.loop, label %band.done
band.done:
  %band.after = add i64 %band, 1
  %more.bands = icmp ult i64 %band.after, %last
  br i1 %more.bands, label %band.loop, label %finished
finished:
  ret void
}

; Call the kernel of a step.
define internal void @kernel(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first, i64 %last, i64 %fresh) {
entry:
  %table.at = getelementptr i64, ptr %job, i64 11
  %table.word = load i64, ptr %table.at, align 8
  %table = getelementptr ptr, ptr %bases, i64 %table.word
  %function = load ptr, ptr %step, align 8
  %combines.at = getelementptr i64, ptr %step, i64 2
  %combines = load i64, ptr %combines.at, align 8
  %arguments.at = getelementptr i64, ptr %step, i64 3
  %arguments = load i64, ptr %arguments.at, align 8
  %batch.at = getelementptr i64, ptr %job, i64 10
  %batch = load i64, ptr %batch.at, align 8
  %groups.at = getelementptr i64, ptr %job, i64 9
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
  %held = load ptr, ptr %base.at, align 8
  %is.number = icmp eq i64 %kind, 3
  %base = select i1 %is.number, ptr null, ptr %held
  %per.sample = icmp eq i64 %kind, 1
  %per.group = icmp eq i64 %kind, 2
  %other.unit = select i1 %is.number, i64 1, i64 0
  %group.unit = select i1 %per.group, i64 %group, i64 %other.unit
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

; What is shared out at a place of the work: a step for some samples, or all steps for some groups of samples.
; A place: job, bases, step (null: groups), sample, count, group, whether it is the first of its group, parts or groups.

; Note a place of the work: what is shared out next.
define internal void @put(ptr %place, ptr %job, ptr %bases, ptr %step, i64 %sample, i64 %count, i64 %group, i64 %fresh, i64 %units) {
  %job.at = getelementptr %place, ptr %place, i64 0, i32 0
  store ptr %job, ptr %job.at, align 8
  %bases.at = getelementptr %place, ptr %place, i64 0, i32 1
  store ptr %bases, ptr %bases.at, align 8
  %step.at = getelementptr %place, ptr %place, i64 0, i32 2
  store ptr %step, ptr %step.at, align 8
  %sample.at = getelementptr %place, ptr %place, i64 0, i32 3
  store i64 %sample, ptr %sample.at, align 8
  %count.at = getelementptr %place, ptr %place, i64 0, i32 4
  store i64 %count, ptr %count.at, align 8
  %group.at = getelementptr %place, ptr %place, i64 0, i32 5
  store i64 %group, ptr %group.at, align 8
  %fresh.at = getelementptr %place, ptr %place, i64 0, i32 6
  store i64 %fresh, ptr %fresh.at, align 8
  %units.at = getelementptr %place, ptr %place, i64 0, i32 7
  store i64 %units, ptr %units.at, align 8
  ret void
}

; Do pieces `first` up to `last`.
define internal void @do(ptr %place, i64 %pieces, i64 %first, i64 %last) {
entry:
  %job = load ptr, ptr %place, align 8
  %bases.at = getelementptr %place, ptr %place, i64 0, i32 1
  %bases = load ptr, ptr %bases.at, align 8
  %step.at = getelementptr %place, ptr %place, i64 0, i32 2
  %step = load ptr, ptr %step.at, align 8
  %units.at = getelementptr %place, ptr %place, i64 0, i32 7
  %units = load i64, ptr %units.at, align 8
  %first.all = mul i64 %units, %first
  %first.unit = udiv i64 %first.all, %pieces
  %last.all = mul i64 %units, %last
  %last.unit = udiv i64 %last.all, %pieces
  %by.samples = icmp eq ptr %step, null
  br i1 %by.samples, label %groups, label %parts
groups:
  %alone = call i64 @groups(ptr null, i64 0, i64 1, i64 0, ptr %job, ptr %bases, i64 %first.unit, i64 %last.unit)
  ret void
parts:
  %sample.at = getelementptr %place, ptr %place, i64 0, i32 3
  %sample = load i64, ptr %sample.at, align 8
  %count.at = getelementptr %place, ptr %place, i64 0, i32 4
  %count = load i64, ptr %count.at, align 8
  %group.at = getelementptr %place, ptr %place, i64 0, i32 5
  %group = load i64, ptr %group.at, align 8
  %fresh.at = getelementptr %place, ptr %place, i64 0, i32 6
  %fresh = load i64, ptr %fresh.at, align 8
  call void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 %first.unit, i64 %last.unit, i64 %fresh)
  ret void
}

; Share out what stands at a place, before which `before` pieces were done; returns how many are then, when all are.
define internal i64 @share_out(ptr %control, i64 %thread, i64 %threads, i64 %before, ptr %place) {
entry:
  %units.at = getelementptr %place, ptr %place, i64 0, i32 7
  %units = load i64, ptr %units.at, align 8
  %most = mul i64 %threads, 255
  %many = icmp ugt i64 %units, %most
  %pieces = select i1 %many, i64 %most, i64 %units
  %after = add i64 %before, %pieces
  %done.at = getelementptr i64, ptr %control, i64 16
  %step.at = getelementptr %place, ptr %place, i64 0, i32 2
  %step = load ptr, ptr %step.at, align 8
  %by.samples = icmp eq ptr %step, null
  %inside.at = getelementptr i64, ptr %control, i64 24
  %others = sub i64 %threads, 1
  br label %next
next:
  %n = phi i64 [0, %entry], [0, %worked], [%n.after, %waited]
  %done = load atomic i64, ptr %done.at acquire, align 8
  %missing = sub i64 %after, %done
  %all = icmp sle i64 %missing, 0
  br i1 %all, label %finished, label %choose
choose:
  ; One's own share first, then every 16th round another's: who is a little late takes his share himself. Where all are inside,
  ; a share is taken at once, and where not, by quarters, so that something is left for who comes.
  %n.own = icmp eq i64 %n, 0
  %low = and i64 %n, 15
  %turn = icmp eq i64 %low, 0
  br i1 %turn, label %pick, label %wait
pick:
  %round = lshr i64 %n, 4
  %other = add i64 %thread, %round
  %whose = urem i64 %other, %threads
  %inside = load atomic i64, ptr %inside.at monotonic, align 8
  %awaited = icmp ult i64 %inside, %others
  %part = select i1 %awaited, i64 4, i64 1
  %divisor = select i1 %by.samples, i64 255, i64 %part
  %taken = call { i64, i64, i64 } @take(ptr %control, i64 %whose, i1 %n.own, i64 %threads, i64 %before, i64 %pieces, i64 %divisor)
  %count = extractvalue { i64, i64, i64 } %taken, 0
  %first = extractvalue { i64, i64, i64 } %taken, 1
  %last = extractvalue { i64, i64, i64 } %taken, 2
  %some = icmp ne i64 %count, 0
  br i1 %some, label %work, label %wait
work:
  call void @do(ptr %place, i64 %pieces, i64 %first, i64 %last)
  %counted = atomicrmw add ptr %done.at, i64 %count acq_rel
  br label %worked
worked:
  br label %next
wait:
  call void @spin_wait(i64 %n)
  br label %waited
waited:
  %n.after = add i64 %n, 1
  br label %next
finished:
  ret i64 %after
}

; Take groups `first` up to `last` of a job through its steps, each of them some samples at a time: shared with the other threads
; where there is a control block, else alone. Returns the count of pieces after them.
define internal i64 @groups(ptr %control, i64 %thread, i64 %threads, i64 %before, ptr %job, ptr %bases, i64 %first, i64 %last) {
entry:
  %place = alloca %place, align 8
  %shared = icmp ne ptr %control, null
  %samples = load i64, ptr %job, align 8
  %size.at = getelementptr i64, ptr %job, i64 1
  %size = load i64, ptr %size.at, align 8
  %chunk.at = getelementptr i64, ptr %job, i64 2
  %chunk = load i64, ptr %chunk.at, align 8
  %steps.at = getelementptr i64, ptr %job, i64 5
  %steps = load i64, ptr %steps.at, align 8
  %table.at = getelementptr i64, ptr %job, i64 6
  %table = load ptr, ptr %table.at, align 8
  %some = icmp ult i64 %first, %last
  br i1 %some, label %group.loop, label %done
group.loop:
  %group = phi i64 [%first, %entry], [%group.after, %group.done]
  %before.group = phi i64 [%before, %entry], [%before.step, %group.done]
  %from = mul i64 %group, %size
  %to.all = add i64 %from, %size
  %over = icmp ugt i64 %to.all, %samples
  %to = select i1 %over, i64 %samples, i64 %to.all
  br label %chunk.loop
chunk.loop:
  %sample = phi i64 [%from, %group.loop], [%sample.after, %chunk.done]
  %before.chunk = phi i64 [%before.group, %group.loop], [%before.step, %chunk.done]
  %rest = sub i64 %to, %sample
  %short = icmp ult i64 %rest, %chunk
  %count = select i1 %short, i64 %rest, i64 %chunk
  %is.first = icmp eq i64 %sample, %from
  %fresh = zext i1 %is.first to i64
  br label %step.loop
step.loop:
  %s = phi i64 [0, %chunk.loop], [%s.after, %step.done]
  %step = phi ptr [%table, %chunk.loop], [%step.after, %step.done]
  %before.last = phi i64 [%before.chunk, %chunk.loop], [%before.step, %step.done]
  %parts.at = getelementptr i64, ptr %step, i64 1
  %parts = load i64, ptr %parts.at, align 8
  br i1 %shared, label %together, label %alone
alone:
  call void @step(ptr %job, ptr %step, ptr %bases, i64 %sample, i64 %count, i64 %group, i64 0, i64 %parts, i64 %fresh)
  br label %step.done
together:
  call void @put(ptr %place, ptr %job, ptr %bases, ptr %step, i64 %sample, i64 %count, i64 %group, i64 %fresh, i64 %parts)
  %before.next = call i64 @share_out(ptr %control, i64 %thread, i64 %threads, i64 %before.last, ptr %place)
  br label %step.done
step.done:
  %before.step = phi i64 [%before.last, %alone], [%before.next, %together]
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
  %group.after = add i64 %group, 1
  %more.groups = icmp ult i64 %group.after, %last
  br i1 %more.groups, label %group.loop, label %done
done:
  %after = phi i64 [%before, %entry], [%before.step, %group.done]
  ret i64 %after
}

; Walk through a list of jobs with the other threads, if there are any, and return when all of it is done.
; By samples, threads take groups as they become free, and each works through all steps alone; otherwise they go through all
; groups together, and share each step.
define internal void @walk(ptr %control, ptr %list, i64 %thread) {
entry:
  %place = alloca %place, align 8
  %denormals.at = getelementptr i64, ptr %list, i64 3
  %denormals = load i64, ptr %denormals.at, align 8
  %calculating = call i64 @begin_calculating(i64 %denormals)
  %jobs = load i64, ptr %list, align 8
  %threads.at = getelementptr i64, ptr %list, i64 1
  %threads = load i64, ptr %threads.at, align 8
  %begin.at = getelementptr i64, ptr %list, i64 2
  %begin = load atomic i64, ptr %begin.at acquire, align 8
  br label %loop
loop:
  %i = phi i64 [0, %entry], [%next, %done]
  %before = phi i64 [%begin, %entry], [%after, %done]
  %word = add i64 %i, 4
  %job.at = getelementptr ptr, ptr %list, i64 %word
  %job = load ptr, ptr %job.at, align 8
  %groups.at = getelementptr i64, ptr %job, i64 3
  %groups = load i64, ptr %groups.at, align 8
  %mode.at = getelementptr i64, ptr %job, i64 4
  %mode = load i64, ptr %mode.at, align 8
  %table.at = getelementptr i64, ptr %job, i64 7
  %table = load ptr, ptr %table.at, align 8
  %width.at = getelementptr i64, ptr %job, i64 8
  %width = load i64, ptr %width.at, align 8
  %skip = mul i64 %thread, %width
  %bases = getelementptr ptr, ptr %table, i64 %skip
  %by.samples = icmp ne i64 %mode, 0
  br i1 %by.samples, label %samples, label %parts
samples:
  call void @put(ptr %place, ptr %job, ptr %bases, ptr null, i64 0, i64 0, i64 0, i64 0, i64 %groups)
  %after.samples = call i64 @share_out(ptr %control, i64 %thread, i64 %threads, i64 %before, ptr %place)
  br label %done
parts:
  %first.at = getelementptr i64, ptr %job, i64 12
  %first = load i64, ptr %first.at, align 8
  %after.parts = call i64 @groups(ptr %control, i64 %thread, i64 %threads, i64 %before, ptr %job, ptr %bases, i64 %first, i64 %groups)
  br label %done
done:
  %after = phi i64 [%after.samples, %samples], [%after.parts, %parts]
  %next = add i64 %i, 1
  %more = icmp ult i64 %next, %jobs
  br i1 %more, label %loop, label %finished
finished:
  call void @end_calculating(i64 %calculating)
  ret void
}

; Whether this thread runs on the core of the caller that was last, and keeps it from running.
define internal i1 @beside_caller(ptr %control) {
  %here = call i64 @core()
  %caller.at = getelementptr i64, ptr %control, i64 9
  %caller = load atomic i64, ptr %caller.at monotonic, align 8
  %same = icmp eq i64 %here, %caller
  %known = icmp sge i64 %here, 0
  %beside = and i1 %same, %known
  ret i1 %beside
}

; A worker waits for work. It comes back to Python where the system cannot let it sleep, and, unless it `stays`, where it finds
; itself on the core of its caller: bit 32 says so, the bits below say how many dispatches it has seen.
define i64 @worker(ptr %control, i64 %thread, i64 %seen, i64 %stays) {
entry:
  %start = trunc i64 %seen to i32
  %moves = icmp eq i64 %stays, 0
  %list.at = getelementptr i64, ptr %control, i64 8
  %inside.at = getelementptr i64, ptr %control, i64 24
  %sleepers.at = getelementptr i64, ptr %control, i64 32
  br label %wait
wait:
  %last = phi i32 [%start, %entry], [%dispatches, %left]
  br label %spin
spin:
  %n = phi i32 [0, %wait], [%n.after, %nap]
  %dispatches = load atomic i32, ptr %control acquire, align 4
  %same = icmp eq i32 %dispatches, %last
  br i1 %same, label %idle, label %look
idle:
  %n.after = add i32 %n, 1
  %patient = icmp ult i32 %n, 20000
  br i1 %patient, label %linger, label %sleep
linger:
  %low = and i32 %n.after, 63
  %often = icmp ne i32 %low, 0
  br i1 %often, label %breathe, label %consider
breathe:
  call void @pause()
  br label %nap
consider:
  ; Others may need this core; the caller surely does.
  %in.the.way = call i1 @beside_caller(ptr %control)
  br i1 %in.the.way, label %sleep, label %yield
yield:
  call void @yield_core()
  br label %nap
sleep:
  %going = atomicrmw add ptr %sleepers.at, i64 1 seq_cst
  %slept = call i1 @sleep(ptr %control, i32 %last, i32 %n)
  %awake = atomicrmw sub ptr %sleepers.at, i64 1 seq_cst
  br i1 %slept, label %nap, label %leave
nap:
  br label %spin
look:
  %inside = atomicrmw add ptr %inside.at, i64 1 seq_cst
  %list = load atomic ptr, ptr %list.at seq_cst, align 8
  %open = icmp ne ptr %list, null
  br i1 %open, label %wanted, label %left
wanted:
  %threads.at = getelementptr i64, ptr %list, i64 1
  %threads = load i64, ptr %threads.at, align 8
  %mine = icmp ult i64 %thread, %threads
  br i1 %mine, label %where, label %left
where:
  %met = call i1 @beside_caller(ptr %control)
  %aside = and i1 %met, %moves
  br i1 %aside, label %step.aside, label %serve
serve:
  call void @walk(ptr %control, ptr %list, i64 %thread)
  br label %left
left:
  %out = atomicrmw sub ptr %inside.at, i64 1 seq_cst
  br label %wait
step.aside:
  %out.aside = atomicrmw sub ptr %inside.at, i64 1 seq_cst
  %seen.now = zext i32 %last to i64
  %answer = or i64 %seen.now, 4294967296
  ret i64 %answer
leave:
  %seen.last = zext i32 %last to i64
  ret i64 %seen.last
}

; Do a list of jobs, with the workers that come if it has several threads, and wake those that sleep if `wakes`. Returns how many
; workers are still inside the list, though all is done: the list must stay until there are none.
define i64 @dispatch(ptr %control, ptr %list, i64 %wakes) {
begin:
  %jobs = load i64, ptr %list, align 8
  %some = icmp ne i64 %jobs, 0
  br i1 %some, label %entry, label %nothing
nothing:
  ret i64 0
entry:
  %threads.at = getelementptr i64, ptr %list, i64 1
  %threads = load i64, ptr %threads.at, align 8
  %begin.at = getelementptr i64, ptr %list, i64 2
  %several = icmp ugt i64 %threads, 1
  br i1 %several, label %open, label %alone
alone:
  %own = alloca [72 x i64], align 64
  %own.done.at = getelementptr i64, ptr %own, i64 16
  %own.share.at = getelementptr i64, ptr %own, i64 64
  store i64 1, ptr %own.done.at, align 8
  store i64 0, ptr %own.share.at, align 8
  store i64 1, ptr %begin.at, align 8
  call void @walk(ptr %own, ptr %list, i64 0)
  ret i64 0
open:
  %done.at = getelementptr i64, ptr %control, i64 16
  %list.at = getelementptr i64, ptr %control, i64 8
  %caller.at = getelementptr i64, ptr %control, i64 9
  %inside.at = getelementptr i64, ptr %control, i64 24
  %sleepers.at = getelementptr i64, ptr %control, i64 32
  %done = load atomic i64, ptr %done.at acquire, align 8
  store atomic i64 %done, ptr %begin.at release, align 8
  %core = call i64 @core()
  store atomic i64 %core, ptr %caller.at monotonic, align 8
  store atomic ptr %list, ptr %list.at seq_cst, align 8
  %dispatches = atomicrmw add ptr %control, i32 1 seq_cst
  %wake.wanted = icmp ne i64 %wakes, 0
  br i1 %wake.wanted, label %look, label %work
look:
  %sleepers = load atomic i64, ptr %sleepers.at seq_cst, align 8
  %some.sleep = icmp ne i64 %sleepers, 0
  br i1 %some.sleep, label %wake, label %work
wake:
  call void @wake(ptr %control)
  br label %work
work:
  call void @walk(ptr %control, ptr %list, i64 0)
  store atomic ptr null, ptr %list.at seq_cst, align 8
  %inside = load atomic i64, ptr %inside.at seq_cst, align 8
  ret i64 %inside
}
