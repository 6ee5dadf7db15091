# Turns docs/openapi.json into a C constant, byte for byte.
BEGIN {
	print "#include \"openapi_text.h\"\n"
	print "const char openapi_text[] ="
}

{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\?/, "\\?") # no trigraphs
	print "    \"" $0 "\\n\""
}

END {
	print "    ;"
	print "const size_t openapi_length = sizeof(openapi_text) - 1;"
}
