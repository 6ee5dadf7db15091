#ifndef DUM_STORE_MIGRATIONS_H
#define DUM_STORE_MIGRATIONS_H
/* migrations - the embedded files of sql/migrations, in order. */

struct migration {
	int version;
	const char *name;
	const char *sql; /* NULL ends the list */
};

extern const struct migration migrations[];
extern const int migrations_newest;

#endif
