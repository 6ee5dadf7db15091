-- A change of one day with each request, every one with a value of its own.
local n = 0
function request()
	n = n + 1
	local body = string.format('{"date":"2026-01-%02d","location_id":%d,"usage_gb":%d.%03d}',
		n % 28 + 1, n % 50 + 1, n % 90, n % 1000)
	local headers = { ["Content-Type"] = "application/json" }
	for name, value in pairs(wrk.headers) do headers[name] = value end
	return wrk.format("POST", "/api/data/daily-usage", headers, body)
end
