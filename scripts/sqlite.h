/* Read before SQLite's source by `make build`: full-text search and R-trees,
 * which its Go driver switches on, functions for JSON, caches that connections
 * share, and what its own tests ask for stay out of the binary: nobody here uses
 * them. */
#undef SQLITE_ENABLE_FTS3
#undef SQLITE_ENABLE_FTS3_PARENTHESIS
#undef SQLITE_ENABLE_RTREE
#define SQLITE_OMIT_JSON 1
#define SQLITE_OMIT_SHARED_CACHE 1
#define SQLITE_OMIT_TCL_VARIABLE 1
#define SQLITE_OMIT_GET_TABLE 1
#define SQLITE_OMIT_COMPLETE 1
#define SQLITE_UNTESTABLE 1
