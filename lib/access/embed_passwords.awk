# Turns common_passwords.txt into one text with a NUL behind each password and
# a table of where each begins: half the size of an array of pointers, and
# nothing to relocate. Binary search needs the order, so it is checked here.
#
#   LC_ALL=C awk -f embed_passwords.awk common_passwords.txt

/^#!/ {
	next
}

{
	if (count > 0 && $0 "" <= last "") {
		printf "%s:%d: not in order\n", FILENAME, FNR > "/dev/stderr"
		failed = 1
		exit 1
	}
	last = $0
	line = $0
	gsub(/\\/, "\\\\", line)
	gsub(/"/, "\\\"", line)
	at[count++] = used
	text[count] = line
	used += length($0) + 1
}

END {
	if (failed)
		exit 1
	if (used > 65535 || count < 3000) {
		printf "%s: %d passwords of %d bytes\n", FILENAME, count, used \
			> "/dev/stderr"
		exit 1
	}
	print "/* Made from lib/access/common_passwords.txt. */"
	print "#include \"access/common_password.h\"\n"
	printf "const size_t common_password_count = %d;\n\n", count
	print "const char common_password_text[] ="
	for (i = 1; i <= count; i++)
		printf "\t\"%s\\0\"%s\n", text[i], i < count ? "" : ";"
	print "\nconst uint16_t common_password_at[] = {"
	for (i = 0; i < count; i++)
		printf "\t%d,\n", at[i]
	print "};"
}
