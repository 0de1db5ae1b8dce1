/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter.c - which sockets a condition takes.  ss's answers to the same texts are known from iproute2 6.1. */
#include "filter_sockets.h"

static void
an_empty_filter_takes_all(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "", ALL }, { " \t\n", ALL });
}

static void
ports_compare_by_every_spelling_of_an_operator(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "sport = :443", "mxv" }, { "sport == :443", "mxv" }, { "sport eq :443", "mxv" },
                    { "sport :443", "mxv" }, { "sport != :443", "wsltruc" }, { "sport ne :443", "wsltruc" },
                    { "sport neq :443", "wsltruc" }, { "sport < :443", "slr" }, { "sport lt :443", "slr" },
                    { "sport <= :443", "smxlvr" }, { "sport le :443", "smxlvr" }, { "sport leq :443", "smxlvr" },
                    { "sport > :443", "wtuc" }, { "sport gt :443", "wtuc" }, { "sport >= :443", "wmxvtuc" },
                    { "sport ge :443", "wmxvtuc" }, { "sport geq :443", "wmxvtuc" });
}

static void
ports_have_numbers_and_names(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "dport = 443", "wt" }, { "dport 443", "wt" }, { "dport = :https", "wt" }, { "dport https", "wt" },
                    { "sport = ssh", "sr" }, { "dport = 0x1bb", "wt" }, { "dport = :0", "lvc" }, { "dport < :0", "" },
                    { "dport > :65535", "" }, { "dport <= :65535", ALL });
}

static void
any_port_is_a_star(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "dport = *", ALL }, { "dport = :*", ALL }, { "dport = *:*", ALL }, { "dport != *", "" },
                    /* ss takes all here */
                    { "dport = *:443", "wt" });
}

static void
ports_may_be_of_one_family(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "sport = inet:443", "" }, { "sport = inet::22", "sr" }, { "sport = inet6::443", "mxv" },
                    { "sport != inet6:443", "wsltruc" }, { "dport = inet6:*", "mxv" });
}

static void
addresses_match_exactly_or_by_network(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src 10.0.0.5", "wt" }, { "src = 10.0.0.5", "wt" }, { "src == 10.0.0.5", "wt" },
                    { "src eq 10.0.0.5", "wt" }, { "src != 10.0.0.5", "smxlvruc" }, { "src 10.0.0.0/8", "wtu" },
                    { "src 10/8", "wtu" }, { "src 10.0/16", "wt" }, { "src 10.1/16", "u" }, { "src 10.0.0.4/31", "wt" },
                    { "src 10.0.0.6/31", "" }, { "src 10.255.255.255/8", "wtu" }, { "src 10.0.0.0/255.0.0.0", "wtu" },
                    { "src 0.0.0.0", "l" }, { "dst 10/8", "smu" });
}

static void
an_address_may_carry_a_port(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src 10.0.0.5:40000", "w" }, { "src 10/8:40001", "t" }, { "dst 93.184.216.34:https", "wt" },
                    { "dst :443", "wt" }, { "dst *:443", "wt" }, { "dst 10.0.0.9:*", "s" }, { "dst *", ALL },
                    { "dst any", ALL }, { "dst all", ALL }, { "dst default", ALL }, { "dst *:*", ALL },
                    { "not dst 93.184.216.34:443", "smxlvruc" }, { "dst != 93.184.216.34:443", "smxlvruc" });
}

static void
ipv6_addresses_match_in_and_out_of_brackets(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src [2001:db8::1]", "x" }, { "src [2001:db8::1]:443", "x" }, { "src [2001:db8::1]:80", "" },
                    { "src 2001:db8::1", "x" }, { "src 2001:db8::/32", "x" }, { "src [2001:db8::/32]", "x" },
                    { "src [2001:db8::]/32", "x" }, { "src [2001:db8::/32]:443", "x" },
                    { "src [2001:db8::]/32:443", "x" }, { "src 2001:db8::/32:443", "x" },
                    { "dst 2001:db8:0:1::/64", "x" }, { "dst 2001:db8:0:2::/64", "" }, { "dst 2001:db8:0:0::/63", "x" },
                    { "src ::", "v" }, { "src [::]:443", "v" }, { "src :::443", "v" },
                    { "src 2001:db8::1:https", "x" });
}

/* By experiment: ss's ::/0 is every IPv6 socket, and an IPv4 network has mapped addresses in it. */
static void
mapped_addresses_are_in_ipv4_networks(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src 127.0.0.0/8", "mc" }, { "src 127.0.0.1", "mc" }, { "src 127.0.0.1:443", "m" },
                    { "src 0/0", "wsmltruc" }, { "src ::/0", "mxv" }, { "src [::ffff:127.0.0.1]", "m" },
                    { "src ::ffff:127.0.0.1", "m" }, { "src [::ffff:127.0.0.0/104]:443", "m" },
                    { "src [::ffff:7f00:1]", "m" }, { "src inet:127.0.0.1", "c" });
}

static void
a_family_limits_addresses(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src inet:*", "wsltruc" }, { "src inet6:*", "mxv" }, { "src inet6:*:443", "mxv" },
                    { "src inet::22", "sr" }, { "src inet:10.0.0.5:40000", "w" },
                    { "src inet6:[2001:db8::1]:443", "x" }, { "src inet6:2001:db8::1", "x" },
                    { "not src inet6:*", "wsltruc" });
}

static void
a_host_is_all_its_addresses(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src two.example", "mxc" }, { "src two.example:443", "mx" }, { "src != two.example", "wslvtru" },
                    { "src inet:two.example", "c" }, { "src inet6:two.example", "x" },
                    { "src two.example or sport = :22", "smxrc" }, { "src two.example sport = :22", "" },
                    { "src many.example or sport = :22", "slr" });
}

static void
interfaces_have_names_and_numbers(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "dev eth0", "s" }, { "dev = eth0", "s" }, { "dev 2", "s" }, { "dev != eth0", "wmxlvtruc" },
                    { "dev = 0", "wmxlvtruc" }, { "dev 999", "" },
                    /* and as ss prints them */
                    { "src 192.168.1.1%eth0:22", "s" }, { "src 192.168.1.1%eth0", "s" },
                    { "dst [fe80::1%eth0]:22", "" }, { "dst [fe80::1]%eth0:22", "" });
}

static void
a_mark_is_compared_under_its_mask(void **unused)
{
        (void)unused;
        /* What is not known is neither. */
        CHECK_TAKEN({ "fwmark = 0x11", "w" }, { "fwmark 17", "w" }, { "fwmark = 0x01/0x01", "w" },
                    { "fwmark = 0/0x01", "smxlv" }, { "fwmark = 0", "mxlv" }, { "fwmark != 0x11", "smxlv" },
                    { "not fwmark = 0x11", "smxlv" }, { "fwmark = 0xffffffff", "" });
}

static void
cgroups_are_paths(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "cgroup \"/system.slice/web server\"", "w" }, { "cgroup = /system.slice/web\\ server", "w" },
                    { "cgroup != '/system.slice/web server'", "smxlv" });
}

static void
autobound_is_a_port_of_the_ephemeral_range(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "autobound", "wt" }, { "not autobound", "smxlvruc" }, { "autobound dport = :443", "wt" });
}

static void
owners_are_found_by_number_and_name(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "pid = 100", "w" }, { "pid 101", "w" }, { "pid != 100", "smxlvt" }, { "pid >= 200", "smx" },
                    { "comm = nginx", "w" }, { "comm ngin*", "w" }, { "comm = '*worker'", "w" },
                    { "comm != nginx", "smxlvt" }, { "comm = [!n]*", "smx" }, { "comm = sshd", "s" },
                    { "comm = NGINX", "" }, { "comm = \"(sd-pam)\"", "x" }, { "comm = \\(sd-pam\\)", "x" },
                    /* the kernel keeps 15 characters */
                    { "comm = systemd-resolved", "m" }, { "comm = systemd-resolve", "m" },
                    { "not ( comm = nginx or comm = sshd )", "mxlvt" });
}

static void
users_are_those_who_hold_a_descriptor(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "uid = 33", "w" }, { "uid www-data", "w" }, { "uid = 0", "slv" }, { "uid != 0", "wmx" },
                    { "uid >= 1000", "mx" }, { "ino = 1003", "m" }, { "ino = 0", "t" }, { "ino > 1003", "xlv" });
}

static void
namespaces_are_names_processes_and_inodes(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "netns = blue", "mx" }, { "netns blue", "mx" }, { "netns != blue", "wslv" },
                    { "netns = 100", "wslv" }, { "netns = 4026532999", "mx" });
}

/* w is 10 to 20 s old, s at least 60 s, m and t 30 s, x up to 0.5 s; of l and v nothing is known but that they are. */
static void
an_age_counts_only_where_it_is_certain(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "age > 30s", "s" }, { "age >= 30s", "smt" }, { "age < 30s", "wx" }, { "age <= 30s", "wmxt" },
                    { "age > 15s", "smt" }, { "age < 15s", "x" }, { "not age > 15s", "x" }, { "not age < 15s", "smt" },
                    { "age > 9999ms", "wsmt" }, { "age > 10s", "smt" }, { "age < 501ms", "x" }, { "age < 500ms", "" },
                    { "not age >= 500ms", "" }, { "not age <= 10s", "smt" }, { "age > 29", "smt" },
                    { "age > 0m29s", "smt" }, { "age > 1m", "" }, { "age >= 1m", "s" }, { "age < 1h", "wmxt" },
                    { "age < 1d", "wmxt" }, { "age>20s", "smt" });
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_empty_filter_takes_all),
                cmocka_unit_test(ports_compare_by_every_spelling_of_an_operator),
                cmocka_unit_test(ports_have_numbers_and_names),
                cmocka_unit_test(any_port_is_a_star),
                cmocka_unit_test(ports_may_be_of_one_family),
                cmocka_unit_test(addresses_match_exactly_or_by_network),
                cmocka_unit_test(an_address_may_carry_a_port),
                cmocka_unit_test(ipv6_addresses_match_in_and_out_of_brackets),
                cmocka_unit_test(mapped_addresses_are_in_ipv4_networks),
                cmocka_unit_test(a_family_limits_addresses),
                cmocka_unit_test(a_host_is_all_its_addresses),
                cmocka_unit_test(interfaces_have_names_and_numbers),
                cmocka_unit_test(a_mark_is_compared_under_its_mask),
                cmocka_unit_test(cgroups_are_paths),
                cmocka_unit_test(autobound_is_a_port_of_the_ephemeral_range),
                cmocka_unit_test(owners_are_found_by_number_and_name),
                cmocka_unit_test(users_are_those_who_hold_a_descriptor),
                cmocka_unit_test(namespaces_are_names_processes_and_inodes),
                cmocka_unit_test(an_age_counts_only_where_it_is_certain),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
