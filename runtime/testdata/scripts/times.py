import calendar, datetime as d, zoneinfo
berlin, tokyo = zoneinfo.ZoneInfo("Europe/Berlin"), zoneinfo.ZoneInfo("Asia/Tokyo")
t = d.datetime(2024, 3, 31, 1, 59, 59, tzinfo=d.timezone.utc)
return [t.astimezone(berlin), (t + d.timedelta(seconds=1)).astimezone(berlin), t.astimezone(tokyo), t.isocalendar(), t.timestamp(), d.date(2024, 2, 29).replace(year=2028),
        d.datetime.strptime("2024-02-29 23:59:59.123456", "%Y-%m-%d %H:%M:%S.%f"), str(d.timedelta(days=-1, microseconds=5)), calendar.monthrange(2023, 2),
        [x.strftime("%a %d %b %Y %j %U") for x in (d.date(2023, 1, 1), d.date(2024, 12, 31))], d.date.fromisoformat("2024-W10-1"), d.date(1, 1, 1).toordinal()]
