-- Everything that a dashboard and a program ask for, one after the other.
local paths = {
	"/api/dashboard/overview",
	"/api/dashboard/usage-trends?days=30",
	"/api/dashboard/usage-trends?days=90&format=columns",
	"/api/data/locations",
	"/api/data/daily-usage?page=1",
	"/api/data/daily-usage?page=40&per_page=100",
	"/api/data/daily-usage?location_id=3&page=2",
	"/api/data/daily-usage/17",
	"/api/data/daily-usage/99999999",
	"/api/data/daily-usage?start_date=nonsense",
	"/health",
	"/nothing/here",
}
local n = 0
function request()
	n = n + 1
	if n % 50 == 0 then
		local body = string.format('{"date":"2026-02-%02d","location_id":%d,"usage_gb":%d}',
			n % 28 + 1, n % 50 + 1, n % 90)
		local headers = { ["Content-Type"] = "application/json" }
		for name, value in pairs(wrk.headers) do headers[name] = value end
		return wrk.format("POST", "/api/data/daily-usage", headers, body)
	end
	return wrk.format("GET", paths[n % #paths + 1])
end
