/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/knob_value.h"

#include <string.h>

#include "linux/sysctl.h"

bool
knob_value_same(const char *a, const char *b)
{
        for (;;) {
                a += strspn(a, " \t");
                b += strspn(b, " \t");
                size_t length = strcspn(a, " \t");
                if (length != strcspn(b, " \t") || strncmp(a, b, length) != 0)
                        return false;
                if (length == 0)
                        return true;
                a += length;
                b += length;
        }
}

static bool
numbers_sane(const struct la_knob_info *knob, const char *value)
{
        int64_t numbers[3];
        int count = sysctl_parse_numbers(value, numbers, sizeof(numbers) / sizeof(numbers[0]));

        for (int i = 0; i < count; i++)
                if (numbers[i] < knob->min || numbers[i] > knob->max || (i > 0 && numbers[i] < numbers[i - 1]))
                        return false;
        return count > 0;
}

static bool
ports_sane(const struct la_knob_info *knob, const char *value)
{
        struct sysctl_ports ports;

        if (sysctl_parse_ports(value, &ports) < 0)
                return false;
        for (unsigned int port = 0; port <= UINT16_MAX; port++)
                if (sysctl_ports_has(&ports, (uint16_t)port) && (port < knob->min || port > knob->max))
                        return false;
        return true;
}

bool
knob_value_sane(const struct la_knob_info *knob, const char *value)
{
        switch (knob->kind) {
        case LA_KNOB_NUMBER:
        case LA_KNOB_RANGE:
        case LA_KNOB_TRIPLE:
                return numbers_sane(knob, value);
        case LA_KNOB_PORT_LIST:
                return ports_sane(knob, value);
        case LA_KNOB_WORD:
                return true;
        }
        return false;
}
