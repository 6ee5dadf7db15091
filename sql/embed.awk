# Turns sql/queries/*.sql into an enum and a table of texts.
#
# A statement starts with a line `-- name: usage_upsert` and becomes
# SQL_USAGE_UPSERT; it ends at the next name. Comment lines stay out of the
# text, the file's name goes into it, so that a profile tells its home.
#
#   awk -v header=OUT.h -v source=OUT.c -f embed.awk FILE...

function die(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
	exit 1
}

/^-- name: / {
	name = $3
	if (NF != 3 || name !~ /^[a-z][a-z0-9_]*$/)
		die("a name is one word of a-z, 0-9 and _")
	if (name in seen)
		die("the name " name " stands twice")
	seen[name] = 1
	names[++count] = name
	next
}

/^[ \t]*--/ || /^[ \t]*$/ {
	next
}

{
	if (count == 0)
		die("SQL before the first `-- name:` line")
	line = $0
	sub(/[ \t]+$/, "", line)
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, " ", line)
	text[count] = text[count] "\n\t    \"" line "\\n\""
}

END {
	if (failed)
		exit 1
	print "/* Made from sql/queries by sql/embed.awk. */" > header
	print "#ifndef DUM_SQL_QUERIES_H\n#define DUM_SQL_QUERIES_H\n" > header
	print "enum sql_query {" > header
	for (i = 1; i <= count; i++)
		printf "\tSQL_%s,\n", toupper(names[i]) > header
	print "\tSQL__MAX\n};\n" > header
	print "extern const char *const sql_queries[SQL__MAX];" > header
	print "extern const char *const sql_query_names[SQL__MAX];\n" > header
	print "#endif" > header

	print "/* Made from sql/queries by sql/embed.awk. */" > source
	print "#include \"sql_queries.h\"\n" > source
	print "const char *const sql_queries[SQL__MAX] = {" > source
	for (i = 1; i <= count; i++) {
		if (text[i] == "") {
			printf "%s: no SQL under this name\n", names[i] > "/dev/stderr"
			exit 1
		}
		printf "\t[SQL_%s] =%s,\n", toupper(names[i]), text[i] > source
	}
	print "};\n\nconst char *const sql_query_names[SQL__MAX] = {" > source
	for (i = 1; i <= count; i++)
		printf "\t[SQL_%s] = \"%s\",\n", toupper(names[i]), names[i] > source
	print "};" > source
}
