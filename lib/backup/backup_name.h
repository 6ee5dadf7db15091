#ifndef DUM_BACKUP_BACKUP_NAME_H
#define DUM_BACKUP_BACKUP_NAME_H
/*
 * backup_name - data_usage_backup_YYYYMMDD_HHMMSS[_LABEL][_N].db[.gz][.enc],
 * the time in UTC; N from 2 on where names would be the same. The manifest of
 * a backup has its name plus ".json".
 */
#include <stdbool.h>
#include <stdint.h>

enum { BACKUP_LABEL_MAX = 41, BACKUP_NAME_MAX = 112 };

struct backup_name {
	int64_t at;
	char label[BACKUP_LABEL_MAX]; /* "": none */
	int number;                   /* 1: the first of its second */
	bool packed;
	bool encrypted;
};

/* 1 to 40 letters, digits and hyphens, not digits alone. */
bool backup_label_ok(const char *label);

void backup_name_format(char out[static BACKUP_NAME_MAX],
                        const struct backup_name *name);

/* False: this is no name of a backup. */
bool backup_name_parse(struct backup_name *out, const char *text);

#endif
