# Turns sql/migrations/NNN_name.sql into an array, in order of their numbers.
# Numbers must run from 001 without a gap: the number is the schema version.

FNR == 1 {
	file = FILENAME
	sub(/.*\//, "", file)
	if (file !~ /^[0-9][0-9][0-9]_[a-z0-9_]+\.sql$/ || substr(file, 1, 3) + 0 != count + 1) {
		printf "%s: migrations are NNN_name.sql, from 001 without a gap\n", \
			FILENAME > "/dev/stderr"
		failed = 1
		exit 1
	}
	count++
	label[count] = substr(file, 5, length(file) - 8)
}

/^[ \t]*--/ || /^[ \t]*$/ {
	next
}

{
	line = $0
	sub(/[ \t]+$/, "", line)
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	gsub(/\t/, "\\t", line)
	text[count] = text[count] "\n\t    \"" line "\\n\""
}

END {
	if (failed)
		exit 1
	print "/* Made from sql/migrations by sql/embed_migrations.awk. */"
	print "#include \"store/migrations.h\"\n"
	print "const struct migration migrations[] = {"
	for (i = 1; i <= count; i++)
		printf "\t{%d, \"%s\",%s},\n", i, label[i], text[i]
	print "\t{0, 0, 0}\n};\n"
	printf "const int migrations_newest = %d;\n", count
}
