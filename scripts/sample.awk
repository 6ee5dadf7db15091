# Made-up usage of eight places, as a wide CSV with ISO dates: the sample data
# of scripts/run. Always the same for the same arguments, with any awk.
#
# usage: awk -v last=YYYY-MM-DD -v days=N -f sample.awk
#
# Each place has a base in GB a day, a factor for the weekend, a trend and its
# own noise. An empty cell is a day that is not known: a broken meter, a place
# that opened later. The numbers follow no real place.

# Lehmer's generator; all products stay below 2^53, where awk counts exactly.
function noise()
{
    seed = (seed * 48271) % 2147483647
    return seed / 2147483647
}

# Days since 1970-01-01 of a civil date, and back.
function day_number(y, m, d,    era, yoe, doy)
{
    if (m <= 2)
        y--
    era = int(y / 400)
    yoe = y - era * 400
    doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
    return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

function day_text(n,    era, doe, yoe, doy, mp, m)
{
    n += 719468
    era = int(n / 146097)
    doe = n - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
    mp = int((5 * doy + 2) / 153)
    m = mp < 10 ? mp + 3 : mp - 9
    return sprintf("%04d-%02d-%02d", yoe + era * 400 + (m <= 2), m,
                   doy - int((153 * mp + 2) / 5) + 1)
}

function place(name, gb, on_weekends, growth)
{
    places++
    names[places] = "sample_" name
    base[places] = gb
    weekend[places] = on_weekends
    trend[places] = growth
}

# The day is not known; i counts the days from 0.
function unknown(p, i)
{
    if (names[p] == "sample_new_warehouse")
        return i < days / 3
    if (names[p] == "sample_mobile_van")
        return i % 23 == 11 || i % 31 == 4
    if (names[p] == "sample_branch_south")
        return i >= days - 40 && i < days - 36
    return 0
}

function gigabytes(p, i, weekday,    gb)
{
    gb = base[p] * (1 + trend[p] * i / days) * (0.8 + 0.4 * noise())
    if (weekday >= 5)
        gb *= weekend[p]
    # Now and then a large backup or update.
    if (noise() > 0.975)
        gb *= 2.5
    # The library stays shut for a week.
    if (names[p] == "sample_library" && i >= days - 75 && i < days - 68)
        gb = 0
    return gb
}

BEGIN {
    seed = 20011
    if (days == "")
        days = 120
    split(last, ymd, "-")
    end = day_number(ymd[1] + 0, ymd[2] + 0, ymd[3] + 0)

    place("head_office", 42, 0.25, 0.15)
    place("branch_north", 18.5, 0.4, 0.05)
    place("branch_south", 16, 0.4, -0.1)
    place("branch_east", 11, 0.35, 0.3)
    place("new_warehouse", 7.5, 0.9, 0.6)
    place("library", 24, 1.3, 0)
    place("mobile_van", 1.8, 0.5, 0)
    place("weather_station", 0.12, 1, 0)

    line = "date"
    for (p = 1; p <= places; p++)
        line = line "," names[p]
    print line
    for (i = 0; i < days; i++) {
        n = end - days + 1 + i
        # 1970-01-01 was a Thursday; 0 is Monday.
        weekday = (n + 3) % 7
        line = day_text(n)
        for (p = 1; p <= places; p++) {
            gb = gigabytes(p, i, weekday)
            line = line "," (unknown(p, i) ? "" : sprintf("%.3f", gb))
        }
        print line
    }
}
