package steady

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void keep(int bytes) {
#ifdef __GLIBC__
	mallopt(M_TRIM_THRESHOLD, bytes);
#endif
}
*/
import "C"

// spare is how much C's memory may hold that nobody uses, in bytes, for each of
// the few arenas that it has.
const spare = 2 << 20

// Memory keeps C from giving memory back that SQLite wants again at once. After
// each commit a reader lets go of the pages that it knew, 4 KiB each, and reads
// what it needs anew: with the usual 128 KiB these were returned to the system
// and made again every time, which took a twenty-fifth of the work for a VIN.
// It may be called again.
func Memory() { C.keep(spare) }
