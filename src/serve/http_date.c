/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_date.h"

#include <stdio.h>
#include <string.h>

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

/* A time out of the calendar's reach is shown as the beginning of all. */
void
http_date_write(time_t at, char text[HTTP_DATE_SIZE])
{
        struct tm t;

        if (!gmtime_r(&at, &t) || t.tm_year < -1900 || t.tm_year > 8099) {
                at = 0;
                (void)gmtime_r(&at, &t);
        }
        snprintf(text, HTTP_DATE_SIZE, "%s, %02u %s %04u %02u:%02u:%02u GMT", days[t.tm_wday % 7],
                 (unsigned int)t.tm_mday % 100, months[t.tm_mon % 12], (unsigned int)(t.tm_year + 1900) % 10000,
                 (unsigned int)t.tm_hour % 100, (unsigned int)t.tm_min % 100, (unsigned int)t.tm_sec % 100);
}

static bool
set_month(const char *name, struct tm *t)
{
        for (int i = 0; i < 12; i++)
                if (strcmp(months[i], name) == 0) {
                        t->tm_mon = i;
                        return true;
                }
        return false;
}

/* "A year of two digits that appears to be more than 50 years in the future" is of the past century: from 70 on here,
 * where clocks begin. */
static int
year_of_two(int year)
{
        return year < 70 ? year + 100 : year;
}

/* IMF-fixdate, RFC 850's, asctime()'s.  `end` is set by a scan that got through to the end of the text. */
static bool
scan(const char *text, struct tm *t, char month[4])
{
        int end = 0, n = (int)strlen(text);

        if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &t->tm_mday, month, &t->tm_year,
                   &t->tm_hour, &t->tm_min, &t->tm_sec, &end) == 6 &&
            end == n) {
                t->tm_year -= 1900;
                return true;
        }
        if (sscanf(text, "%*9[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &t->tm_mday, month, &t->tm_year,
                   &t->tm_hour, &t->tm_min, &t->tm_sec, &end) == 6 &&
            end == n) {
                t->tm_year = year_of_two(t->tm_year);
                return true;
        }
        if (sscanf(text, "%*3[A-Za-z] %3[A-Za-z] %2d %2d:%2d:%2d %4d%n", month, &t->tm_mday, &t->tm_hour, &t->tm_min,
                   &t->tm_sec, &t->tm_year, &end) == 6 &&
            end == n) {
                t->tm_year -= 1900;
                return true;
        }
        return false;
}

static bool
within(const struct tm *t)
{
        return t->tm_mday >= 1 && t->tm_mday <= 31 && t->tm_hour >= 0 && t->tm_hour <= 23 && t->tm_min >= 0 &&
               t->tm_min <= 59 && t->tm_sec >= 0 && t->tm_sec <= 60 && t->tm_year >= 0;
}

bool
http_date_parse(struct http_text text, time_t *ret_at)
{
        char copy[64], month[4] = "";
        struct tm t = { 0 };

        if (!text.bytes || text.length >= sizeof copy)
                return false;
        memcpy(copy, text.bytes, text.length);
        copy[text.length] = '\0';
        if (!scan(copy, &t, month) || !set_month(month, &t) || !within(&t))
                return false;
        *ret_at = timegm(&t);
        return true;
}
