# What the Data Usage Monitor does by itself, see dum-cron(8). When backups are
# made stands in data-usage-monitor-backup: dum-backup schedule. Where there is
# no cron, data-usage-monitor-jobs.timer does all of it.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=root
* * * * *     datamonitor  [ ! -x /usr/lib/data-usage-monitor/dum-cron ] || /usr/lib/data-usage-monitor/dum-cron ship
*/15 * * * *  datamonitor  [ ! -x /usr/lib/data-usage-monitor/dum-cron ] || /usr/lib/data-usage-monitor/dum-cron checkpoint
50 23 * * *   datamonitor  [ ! -x /usr/lib/data-usage-monitor/dum-cron ] || /usr/lib/data-usage-monitor/dum-cron anchor
30 3 * * *    datamonitor  [ ! -x /usr/lib/data-usage-monitor/dum-cron ] || /usr/lib/data-usage-monitor/dum-cron verify
0 4 * * 0     datamonitor  [ ! -x /usr/lib/data-usage-monitor/dum-cron ] || /usr/lib/data-usage-monitor/dum-cron weekly
