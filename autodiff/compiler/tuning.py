"""Tuning: the thresholds of the compiler, each with its unit and the bench, a file of tests/bench, in which it shows.

No threshold changes a bit of a result: it chooses the faster of two ways, or bounds what is kept. To measure one,
change it here and run `python -m tests.bench --only NAME` before and after, in turns. The order of sums over rows
decides bits, and is no threshold: it stands in `batch/reduction.py`.
"""

from __future__ import annotations

# Which backend runs a program
LOOPS = 500  # instructions from which on loops are looked for; below, straight-line code compiles as fast (compilation)
LOOPS_ALONE = 10_000  # instructions from which on loops pay for a single row (microgpt)
STRAIGHT = 20_000  # instructions up to which straight-line code is worth its compilation, which grows faster (growth)
OPTIMIZED = 8_000  # instructions of straight-line code up to which LLVM optimizes at level 3, not 0 (compilation)
HOT = 20_000  # blocks of rows, run by the interpreter, after which straight-line code is compiled (second_derivative)
PERIODS = 2_000  # instructions from which on loops in time are looked for (sequential)
INSIDE = 0.8  # the share of the instructions that must be inside such loops (sequential)
GROUPS = 1_000  # groups of loops in space from which on loops in time are taken instead (sequential)
PERIODIC = 2_000  # instructions of the code that such loops leave, more of which compile too slowly (sequential)

# Rows that take different paths
PARTED = 64  # rows from which on a path runs on its own rows alone, which are copied (branches)
STRAYS = 8  # of so many rows one may take another path than in the last call: else rows are shuffled (branches)

# Finding loops
PACK = 8  # nodes of a pack, on average, below which loops are no gain (compilation)
PATIENCE = 32  # packs without any gain after which a program is given up: finding out costs what they take (growth)
PATIENCE_NODES = 4_000  # nodes for each of which one more such pack is allowed (growth)
SHORTEST = 3  # terms of a fold, unless they are products; shorter ones stay single operations (kernels)
LOOKUP = 8  # numbers to take from, below which selections are as fast as a load at an index (microgpt)
SPARE = 2  # numbers per index, below which hardly a line of a gradient is named by no index (microgpt)

# Planning jobs
APART = 128  # nodes of a pack from which on each term may be a job of its own (microgpt)
RUNS = 8  # runs of terms in different regions, of a sum of outer products: a kernel has a loop for each (microgpt)
TILE = 8  # nodes whose sums are in registers at once, half as many without AVX-512 (kernels)
MERGED = 20  # operations of the program per operation of a kernel that is not worth its own compilation (compilation)

# Kernels, by the rows of a tile
FEW = 32  # rows below which outer products are computed in strips, and two vectors of rows at once (kernels)
FAR = 257  # rows from which on the columns of a strip are too far from the core (images)
STRIP = 4  # vectors of columns of a strip: those of some 200 rows are in the first cache (images)
PAIR = 2  # vectors of columns whose sums, of eight parts each, are in registers at once (images)
STRIP_NODES = 32  # nodes from which on strips pay for more rows than FEW (images)
STRIP_PRODUCTS = 32_768  # products, nodes times columns, from which on they do (images)
FULL = 5, 8  # the fraction of rows in which a node is not 0 from which on no row is skipped (images)
COLD = 100  # operations per operation of kernels that are compiled without optimization (compilation)

# Memory
WORK = 2**18  # numbers of a tile of rows: 2 MiB, the second cache of a core (images)
POOLED = 2**22  # numbers of a frame of the loops up to which it is kept for the next call (training)
POOLED_BLOCKS = 100_000  # numbers of a frame of the other native backends up to which it is kept (training)
POOLS = 8  # sizes of frames that are kept at once (training)
BATCH = 4_000_000  # numbers of a work array of NumPy: 32 MB (images)

# Calls
KEYS = 64  # structures of arguments that are kept, of a function or a kernel; a wild loop must not fill memory (memory)
SCATTERED = 16  # runs of consecutive indices up to which numbers are copied run by run (kernels)
RUN = 512  # numbers a run, on average, from which on that is quicker than indices one by one (kernels)
COMPARED = 100_000  # numbers of a captured array up to which a copy is kept to compare, and not a digest (moons_step)
BULK = 512  # captured Values from which on lists of them are compared as a whole, in the compiled build (moons_step)
