; A function of Python that runs a list of jobs on arrays: `call` (`native_call.py` makes it an object).
;
; It is called with the words of a launch, an array of 64-bit words, and with the arrays that the launch takes. It looks at each,
; makes those that the launch gives, writes the addresses of all where the steps read them, does the list while other threads run
; Python, and returns the results as a list, or None if an array does not lie as the steps read it.
;
; The words of a launch (`Launch` in launch.py):
;   0 the list   1 does it wake workers?   2 workers that were still inside when all was done   3 arrays that are taken
;   4 arrays that are made   5 rows of bases   6 the address of a table: four words for each array, then the address of each row
;
; The four words: the element type, or zero for an array of any type, shape and strides; axes; the address of their lengths; and the
; place of the array's address in a row, in bytes.
;
; The array of the control block is `self`. Its line 5 has: the class of arrays, NumPy's function that makes one, None.
;
; HEAD stands for the bytes of an object's head, the last eight of which are its class. What follows it in an array: where its
; numbers are; axes (32 bits); their lengths; strides; the array that it is a view of; the element type; flags (32 bits), of which
; 1 says that it is contiguous and 256 that it is aligned. In an element type, of which NumPy makes another object for each array
; that comes out of a file or another process: a class; then a letter for its kind, one for itself, one for the order of its bytes,
; a byte that says nothing, its number (32 bits).
; Sources: "PyArrayObject" and "PyArray_Descr" in NumPy's C API; "Common object structures" in Python's.

declare ptr @PyList_New(i64)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
declare ptr @PyEval_SaveThread()
declare void @PyEval_RestoreThread(ptr)

; The address of the field of an object that begins so many bytes behind its head.
define internal ptr @field(ptr %object, i64 %bytes) {
  %body = getelementptr i8, ptr %object, i64 HEAD
  %at = getelementptr i8, ptr %body, i64 %bytes
  ret ptr %at
}

; Word `number` of those at an address.
define internal i64 @word(ptr %words, i64 %number) {
  %at = getelementptr i64, ptr %words, i64 %number
  %word = load i64, ptr %at, align 8
  ret i64 %word
}

; The four words of an array in the table.
define internal ptr @entry(ptr %table, i64 %number) {
  %first = shl i64 %number, 2
  %at = getelementptr i64, ptr %table, i64 %first
  ret ptr %at
}

; What says whether two element types are equal: their kinds, letters, orders of bytes and numbers.
define internal i64 @kind(ptr %type) {
  %at = call ptr @field(ptr %type, i64 8)
  %word = load i64, ptr %at, align 8
  %known = and i64 %word, -4278190081
  ret i64 %known
}

; Whether an object is an array that lies as an entry says.
define internal i1 @fits(ptr %object, ptr %entry, ptr %class) {
begin:
  %class.at = call ptr @field(ptr %object, i64 -8)
  %its.class = load ptr, ptr %class.at, align 8
  %is.array = icmp eq ptr %its.class, %class
  br i1 %is.array, label %array, label %no
array:
  %type = load ptr, ptr %entry, align 8
  %any = icmp eq ptr %type, null
  br i1 %any, label %yes, label %types
types:
  %type.at = call ptr @field(ptr %object, i64 40)
  %its.type = load ptr, ptr %type.at, align 8
  %its.kind = call i64 @kind(ptr %its.type)
  %kind = call i64 @kind(ptr %type)
  %same.type = icmp eq i64 %its.kind, %kind
  %flags.at = call ptr @field(ptr %object, i64 48)
  %flags = load i32, ptr %flags.at, align 4
  %both = and i32 %flags, 257
  %in.order = icmp eq i32 %both, 257
  %axes.at = call ptr @field(ptr %object, i64 8)
  %its.axes.32 = load i32, ptr %axes.at, align 4
  %its.axes = sext i32 %its.axes.32 to i64
  %axes = call i64 @word(ptr %entry, i64 1)
  %same.axes = icmp eq i64 %its.axes, %axes
  %kind.in.order = and i1 %same.type, %in.order
  %comparable = and i1 %kind.in.order, %same.axes
  br i1 %comparable, label %shape, label %no
shape:
  %its.lengths.at = call ptr @field(ptr %object, i64 16)
  %its.lengths = load ptr, ptr %its.lengths.at, align 8
  %lengths.word = call i64 @word(ptr %entry, i64 2)
  %lengths = inttoptr i64 %lengths.word to ptr
  br label %axis.loop
axis.loop:
  %axis = phi i64 [0, %shape], [%axis.after, %same]
  %left = icmp ult i64 %axis, %axes
  br i1 %left, label %compare, label %yes
compare:
  %its.length = call i64 @word(ptr %its.lengths, i64 %axis)
  %length = call i64 @word(ptr %lengths, i64 %axis)
  %equal = icmp eq i64 %its.length, %length
  br i1 %equal, label %same, label %no
same:
  %axis.after = add i64 %axis, 1
  br label %axis.loop
yes:
  ret i1 true
no:
  ret i1 false
}

; Write the address of an array's numbers where an entry says, into each row.
define internal void @place(ptr %array, ptr %entry, ptr %rows, i64 %count) {
begin:
  %numbers.at = call ptr @field(ptr %array, i64 0)
  %numbers = load ptr, ptr %numbers.at, align 8
  %where = call i64 @word(ptr %entry, i64 3)
  br label %row.loop
row.loop:
  %row = phi i64 [0, %begin], [%row.after, %write]
  %left = icmp ult i64 %row, %count
  br i1 %left, label %write, label %done
write:
  %row.word = call i64 @word(ptr %rows, i64 %row)
  %bases = inttoptr i64 %row.word to ptr
  %at = getelementptr i8, ptr %bases, i64 %where
  store ptr %numbers, ptr %at, align 8
  %row.after = add i64 %row, 1
  br label %row.loop
done:
  ret void
}

define ptr @call(ptr %self, ptr %arguments, i64 %count) {
begin:
  %control.at = call ptr @field(ptr %self, i64 0)
  %control = load ptr, ptr %control.at, align 8
  %class.word = call i64 @word(ptr %control, i64 40)
  %class = inttoptr i64 %class.word to ptr
  %make.word = call i64 @word(ptr %control, i64 41)
  %make = inttoptr i64 %make.word to ptr
  %launch.array = load ptr, ptr %arguments, align 8
  %launch.at = call ptr @field(ptr %launch.array, i64 0)
  %launch = load ptr, ptr %launch.at, align 8
  %takes = call i64 @word(ptr %launch, i64 3)
  %gives = call i64 @word(ptr %launch, i64 4)
  %rows = call i64 @word(ptr %launch, i64 5)
  %table.word = call i64 @word(ptr %launch, i64 6)
  %table = inttoptr i64 %table.word to ptr
  %arrays = add i64 %takes, %gives
  %row.words = call ptr @entry(ptr %table, i64 %arrays)
  %given = getelementptr ptr, ptr %arguments, i64 1
  %expected = add i64 %takes, 1
  %as.many = icmp eq i64 %count, %expected
  br i1 %as.many, label %look.loop, label %none

look.loop:
  %looked = phi i64 [0, %begin], [%looked.after, %fitting]
  %unseen = icmp ult i64 %looked, %takes
  br i1 %unseen, label %look, label %make.results
look:
  %seen.at = getelementptr ptr, ptr %given, i64 %looked
  %seen = load ptr, ptr %seen.at, align 8
  %seen.entry = call ptr @entry(ptr %table, i64 %looked)
  %fit = call i1 @fits(ptr %seen, ptr %seen.entry, ptr %class)
  br i1 %fit, label %fitting, label %none
fitting:
  call void @place(ptr %seen, ptr %seen.entry, ptr %row.words, i64 %rows)
  %looked.after = add i64 %looked, 1
  br label %look.loop

make.results:
  %results = call ptr @PyList_New(i64 %gives)
  %has.list = icmp ne ptr %results, null
  br i1 %has.list, label %make.loop, label %failed
make.loop:
  %made = phi i64 [0, %make.results], [%made.after, %keep]
  %unmade = icmp ult i64 %made, %gives
  br i1 %unmade, label %one, label %run
one:
  %number = add i64 %takes, %made
  %entry = call ptr @entry(ptr %table, i64 %number)
  %type = load ptr, ptr %entry, align 8
  %axes = call i64 @word(ptr %entry, i64 1)
  %axes.32 = trunc i64 %axes to i32
  %lengths = call i64 @word(ptr %entry, i64 2)
  call void @Py_IncRef(ptr %type)
  %result = call ptr %make(i32 %axes.32, i64 %lengths, ptr %type, i32 0)
  %has.result = icmp ne ptr %result, null
  br i1 %has.result, label %keep, label %drop
keep:
  call void @place(ptr %result, ptr %entry, ptr %row.words, i64 %rows)
  %kept = call i32 @PyList_SetItem(ptr %results, i64 %made, ptr %result)
  %made.after = add i64 %made, 1
  br label %make.loop

run:
  %list.word = call i64 @word(ptr %launch, i64 0)
  %list = inttoptr i64 %list.word to ptr
  %wakes = call i64 @word(ptr %launch, i64 1)
  %thread = call ptr @PyEval_SaveThread()
  %inside = call i64 @dispatch(ptr %control, ptr %list, i64 %wakes)
  call void @PyEval_RestoreThread(ptr %thread)
  %inside.at = getelementptr i64, ptr %launch, i64 2
  store i64 %inside, ptr %inside.at, align 8
  ret ptr %results

none:
  %none.word = call i64 @word(ptr %control, i64 42)
  %nothing = inttoptr i64 %none.word to ptr
  call void @Py_IncRef(ptr %nothing)
  ret ptr %nothing
drop:
  call void @Py_DecRef(ptr %results)
  br label %failed
failed:
  ret ptr null
}
