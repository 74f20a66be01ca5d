// Package steady has SQLite plan a statement once.
//
// Where a table has partial indexes, SQLite compares the values of a statement
// with their conditions, and plans the statement again for every value that is
// bound to it afterwards: of the questions about one ticket that was four
// fifths of the time. With the query planner's stability guarantee (QPSG,
// https://sqlite.org/c3ref/c_dbconfig_defensive.html) it plans by the text
// alone. The driver has no way to ask for it, so that SQLite does itself, for
// every connection that is opened.
package steady

/*
#cgo linux LDFLAGS: -Wl,--unresolved-symbols=ignore-in-object-files
#cgo darwin LDFLAGS: -Wl,-undefined,dynamic_lookup

// What is used of sqlite3.h, which the driver does not export; its functions
// are the driver's.
typedef struct sqlite3 sqlite3;
struct sqlite3_api_routines;
extern int sqlite3_auto_extension(void (*entry)(void));
extern int sqlite3_db_config(sqlite3 *, int, ...);

enum { SQLITE_DBCONFIG_ENABLE_QPSG = 1007 };

static int opened(sqlite3 *db, char **error, const struct sqlite3_api_routines *api) {
	return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, 1, (int *)0);
}

static int steady(void) { return sqlite3_auto_extension((void (*)(void))opened); }

// All others are found where the driver is linked.
*/
import "C"

import (
	"fmt"

	_ "github.com/mattn/go-sqlite3" // whose SQLite this is about
)

// Plans makes it so for every connection to SQLite that is opened from now on.
// It may be called again.
func Plans() error {
	if code := C.steady(); code != 0 {
		return fmt.Errorf("have SQLite plan by the text alone: error %d", int(code))
	}
	return nil
}
