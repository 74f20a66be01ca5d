/* Read before SQLite's source by `make build`: full-text search and R-trees,
 * which its Go driver switches on and nobody here uses, stay out of the binary. */
#undef SQLITE_ENABLE_FTS3
#undef SQLITE_ENABLE_FTS3_PARENTHESIS
#undef SQLITE_ENABLE_RTREE
