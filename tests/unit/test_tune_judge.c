/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of a setting, on hosts that are made up: verdicts, sentences and better lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tune/judge.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A host with Linux 6.18 that has every tunable at its default, and a program that listens on port 8080. */
static struct tune_evidence
host(void)
{
        struct tune_evidence e = { .release = "6.18.0",
                                   .major = 6,
                                   .minor = 18,
                                   .first_netns = true,
                                   .conntrack = -1,
                                   .sockets_known = true,
                                   .memory_pages = 1 << 20 };
        const struct la_advice *a;

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                bool gone = *k->removed != '\0';
                tune_evidence_add(&e, k->name, gone ? -2 : 0, gone ? NULL : strdup(k->standard));
        }
        for (size_t i = 0; (a = la_advice(i)); i++) {
                bool gone = a->sort == LA_ADVICE_GONE;
                tune_evidence_add(&e, a->name, gone ? -2 : 0, gone ? NULL : strdup(a->standard));
        }
        e.listener = calloc(1, sizeof(*e.listener));
        e.listener[0] =
                (struct tune_listener){ .port = 8080, .limit_known = true, .limit = 128, .pid = 7, .comm = "java" };
        e.listener_count = e.listener_capacity = 1;
        return e;
}

static const struct tune_rehearsal of_buckets = { .tried = true,
                                                  .before = (char *)(uintptr_t) "131072",
                                                  .after = (char *)(uintptr_t) "5000" };

struct answer {
        enum tune_verdict verdict;
        char said[2048], better[256];
        bool leave_out;
};

static struct answer
judged(const struct tune_evidence *e, const char *text, size_t which, const struct tune_rehearsal *rehearsal)
{
        struct tune_rehearsal all[16] = { 0 };
        struct tune_conf conf = { 0 };
        struct tune_judgement j;
        struct answer answer = { 0 };

        assert_int_equal(tune_conf_read(&conf, 0, text, strlen(text)), 0);
        assert_true(which < conf.count);
        assert_true(conf.count <= sizeof(all) / sizeof(all[0]));
        if (rehearsal)
                all[which] = *rehearsal;
        tune_judge(&conf, which, e, rehearsal ? all : NULL, &j);
        answer.verdict = j.verdict;
        answer.leave_out = j.leave_out;
        for (size_t i = 0; i < j.said_count; i++) {
                strncat(answer.said, j.said[i], sizeof(answer.said) - strlen(answer.said) - 1);
                strncat(answer.said, " ", sizeof(answer.said) - strlen(answer.said) - 1);
        }
        snprintf(answer.better, sizeof(answer.better), "%s", j.better ? j.better : "");
        tune_judgement_fini(&j);
        tune_conf_fini(&conf);
        return answer;
}

static void
expect(const struct tune_evidence *e, const char *line, enum tune_verdict verdict, const char *said, const char *better)
{
        struct answer a = judged(e, line, 0, NULL);

        if (a.verdict != verdict || !strstr(a.said, said) || strcmp(a.better, better) != 0)
                fail_msg("%s: %s, better \"%s\": %s", line, tune_verdict_id(a.verdict), a.better, a.said);
}

/* The file that thousands of pages have. */
static void
the_blog_s_file(void **unused)
{
        struct tune_evidence e = host();
        struct answer buckets;

        (void)unused;
        expect(&e, "net.ipv4.tcp_syncookies = 1", TUNE_DEFAULT, "changes nothing", "");
        expect(&e, "net.ipv4.tcp_tw_reuse = 1", TUNE_FINE, "only when this host connects", "");
        expect(&e, "net.ipv4.tcp_tw_recycle = 1", TUNE_ABSENT, "Linux 4.12 removed it", "");
        expect(&e, "net.ipv4.tcp_tw_recycle = 1", TUNE_ABSENT, "behind one NAT", "");
        expect(&e, "net.ipv4.tcp_fin_timeout = 30", TUNE_MISREAD, "does not shorten TIME_WAIT", "");
        expect(&e, "net.ipv4.tcp_keepalive_time = 1200", TUNE_MISREAD, "without SO_KEEPALIVE", "");
        expect(&e, "net.ipv4.ip_local_port_range = 1024 65000", TUNE_DANGEROUS, "8080 (java)",
               "net.ipv4.ip_local_port_range = 10240 64999");
        expect(&e, "net.ipv4.tcp_max_syn_backlog = 8192", TUNE_USELESS, "only with tcp_syncookies = 0", "");
        buckets = judged(&e, "net.ipv4.tcp_max_tw_buckets = 5000", 0, &of_buckets);
        assert_int_equal(buckets.verdict, TUNE_DANGEROUS);
        assert_non_null(strstr(buckets.said, "Never lower it (the default here is 131072)"));
        assert_true(buckets.leave_out);
        tune_evidence_fini(&e);
}

static void
other_lines_that_people_paste(void **unused)
{
        static const struct {
                const char *line;
                enum tune_verdict verdict;
                const char *said, *better;
        } lines[] = {
                { "net.ipv4.tcp_fack = 1", TUNE_USELESS, "since Linux 4.15", "" },
                { "net.ipv4.tcp_low_latency = 1", TUNE_USELESS, "since Linux 4.14", "" },
                { "net.ipv4.tcp_adv_win_scale = 2", TUNE_USELESS, "since Linux 6.6", "" },
                { "net.ipv4.tcp_abc = 1", TUNE_ABSENT, "Linux 3.9 removed it", "" },
                { "net.core.rmem_max = 16777216", TUNE_MISREAD, "third value of tcp_rmem", "" },
                { "net.core.rmem_default = 262144", TUNE_USELESS, "second value of tcp_rmem", "" },
                { "net.core.somaxconn = 65535", TUNE_MISREAD, "port 8080 (java) for 128", "" },
                { "net.core.somaxconn = 128", TUNE_HARMFUL, "Lower than the default", "" },
                { "net.ipv4.tcp_timestamps = 0", TUNE_DANGEROUS, "PAWS", "" },
                { "net.ipv4.tcp_syncookies = 0", TUNE_DANGEROUS, "flood", "" },
                { "net.ipv4.tcp_syncookies = 2", TUNE_HARMFUL, "for tests", "" },
                { "net.ipv4.tcp_sack = 0", TUNE_HARMFUL, "0 makes loss", "" },
                { "net.ipv4.tcp_window_scaling = 0", TUNE_HARMFUL, "64 KB", "" },
                { "net.ipv4.tcp_moderate_rcvbuf = 0", TUNE_HARMFUL, "growing", "" },
                { "net.ipv4.tcp_abort_on_overflow = 1", TUNE_HARMFUL, "burst", "" },
                { "net.ipv4.tcp_retries2 = 5", TUNE_HARMFUL, "Below 8", "" },
                { "net.ipv4.tcp_rfc1337 = 1", TUNE_FINE, "other way round", "" },
                { "net.ipv4.tcp_slow_start_after_idle = 0", TUNE_FINE, "idle", "" },
                { "net.ipv4.tcp_no_metrics_save = 1", TUNE_MISREAD, "5.6", "" },
                { "net.ipv4.tcp_mtu_probing = 1", TUNE_FINE, "black holes", "" },
                { "net.ipv4.tcp_mem = 786432 1048576 26777216", TUNE_DANGEROUS, "pages", "" },
                { "net.ipv4.tcp_rmem = 4096 87380 16777216", TUNE_FINE, "grows by itself", "" },
                { "net.ipv4.tcp_rmem = 16777216 87380 4096", TUNE_HARMFUL, "do not grow", "" },
                { "net.ipv4.tcp_rmem = 4096,87380,16777216", TUNE_REFUSED, "Blanks stand between",
                  "net.ipv4.tcp_rmem = 4096 87380 16777216" },
                { "net.ipv4.tcp_keepalive_intvl = 30s", TUNE_REFUSED, "no units", "net.ipv4.tcp_keepalive_intvl = 30" },
                { "net.ipv4.tcp_keepalive_time = -1", TUNE_HARMFUL, "outside what makes sense", "" },
                { "net.ipv4.tcp_fin_timeout = 030", TUNE_MISREAD, "it reads 24", "" },
                { "net.ipv4.ip_local_port_range = 60000 20000", TUNE_REFUSED, "low end comes first", "" },
                { "net.ipv4.ip_local_port_range = 20000 60999", TUNE_FINE, "41000 ports", "" },
                { "net.ipv4.ip_local_port_range = 20000 61000", TUNE_MISREAD, "parity",
                  "net.ipv4.ip_local_port_range = 20000 60999" },
                { "net.ipv4.ip_local_reserved_ports = 8080, 9000", TUNE_REFUSED, "cannot read",
                  "net.ipv4.ip_local_reserved_ports = 8080,9000" },
                { "net.ipv4.conf.all.rp_filter = 1", TUNE_FINE, "asymmetric", "" },
                { "net.ipv4.tcp_tw_resue = 1", TUNE_ABSENT, "Is net.ipv4.tcp_tw_reuse meant?",
                  "net.ipv4.tcp_tw_reuse = 1" },
                { "tcp_sack = 1", TUNE_MALFORMED, "by its last part alone", "" },
                { "net.ipv4.tcp_available_congestion_control = bbr", TUNE_REFUSED, "only be read", "" },
        };
        struct tune_evidence e = host();

        (void)unused;
        for (size_t i = 0; i < COUNT(lines); i++)
                expect(&e, lines[i].line, lines[i].verdict, lines[i].said, lines[i].better);
        tune_evidence_fini(&e);
}

static void
what_the_host_is_like_matters(void **unused)
{
        struct tune_evidence e = host();

        (void)unused;
        e.time_wait = 20000;
        e.established = 10;
        e.without_timestamps = 4;
        expect(&e, "net.ipv4.tcp_max_tw_buckets = 5000", TUNE_DANGEROUS, "20000 in TIME_WAIT now", "");
        expect(&e, "net.ipv4.tcp_tw_reuse = 1", TUNE_FINE, "4 of the 10 established", "");
        e.conntrack = 9000;
        expect(&e, "net.netfilter.nf_conntrack_max = 8192", TUNE_DANGEROUS, "9000 connections", "");
        expect(&e, "net.netfilter.nf_conntrack_max = 65536", TUNE_FINE, "dropped", "");
        e.listener[0].port = 30000;
        expect(&e, "net.ipv4.ip_local_port_range = 20000 60999", TUNE_DANGEROUS, "30000 (java)",
               "net.ipv4.ip_local_port_range = 20000 60999\nnet.ipv4.ip_local_reserved_ports = 30000");
        e.first_netns = false;
        for (size_t i = 0; i < e.live_count; i++)
                if (strcmp(e.live[i].name, "net.ipv4.tcp_max_orphans") == 0)
                        e.live[i].error = -2;
        expect(&e, "net.ipv4.tcp_max_orphans = 500000", TUNE_ABSENT, "container", "");
        tune_evidence_fini(&e);
}

static void
what_other_lines_say_matters(void **unused)
{
        struct tune_evidence e = host();
        struct answer a;

        (void)unused;
        a = judged(&e, "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0\n", 0, NULL);
        assert_int_equal(a.verdict, TUNE_USELESS);
        a = judged(&e, "net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_timestamps = 0\n", 1, NULL);
        assert_non_null(strstr(a.said, "tcp_tw_reuse = 1 then does nothing"));
        a = judged(&e, "net.ipv4.tcp_max_syn_backlog = 8192\nnet.ipv4.tcp_syncookies = 0\n", 0, NULL);
        assert_int_equal(a.verdict, TUNE_FINE);
        a = judged(&e, "net.ipv4.tcp_sack = 0\nnet/ipv4/tcp_sack = 1\n", 0, NULL);
        assert_int_equal(a.verdict, TUNE_USELESS);
        assert_non_null(strstr(a.said, "Line 2 sets it again, to 1"));
        a = judged(&e, "net.ipv4.ip_local_port_range = 1024 65000\nnet.ipv4.ip_local_reserved_ports = 8080\n", 0, NULL);
        assert_int_equal(a.verdict, TUNE_HARMFUL); /* nobody is exposed any more; the range is low all the same */
        tune_evidence_fini(&e);
}

static void
what_the_kernel_says_counts(void **unused)
{
        static const struct tune_rehearsal refused = { .tried = true, .error = -22 },
                                           changed = { .tried = true, .after = (char *)(uintptr_t) "7" };
        struct tune_evidence e = host();
        struct answer a;

        (void)unused;
        a = judged(&e, "net.ipv4.tcp_tw_reuse = 5", 0, &refused);
        assert_int_equal(a.verdict, TUNE_REFUSED);
        a = judged(&e, "net.ipv4.tcp_reordering = 5", 0, &changed);
        assert_int_equal(a.verdict, TUNE_MISREAD);
        assert_non_null(strstr(a.said, "The kernel makes 7 of it"));
        tune_evidence_fini(&e);
}

static void
what_is_not_tcp_s_is_not_judged(void **unused)
{
        struct tune_evidence e = host();

        (void)unused;
        tune_evidence_add(&e, "vm.swappiness", 0, strdup("60"));
        expect(&e, "vm.swappiness = 10", TUNE_NOT_JUDGED, "Not TCP's: not judged", "");
        expect(&e, "vm.no_such = 10", TUNE_ABSENT, "no tunable of that name", ""); /* nobody looked: unknown */
        tune_evidence_fini(&e);
}

static void
severities_follow_verdicts(void **unused)
{
        (void)unused;
        assert_int_equal(tune_severity(TUNE_FINE), 0);
        assert_int_equal(tune_severity(TUNE_NOT_JUDGED), 0);
        assert_int_equal(tune_severity(TUNE_MISREAD), 1);
        assert_int_equal(tune_severity(TUNE_MALFORMED), 1);
        assert_int_equal(tune_severity(TUNE_DANGEROUS), 2);
}

static void
each_row_of_advice_is_whole(void **unused)
{
        const struct la_advice *a;

        (void)unused;
        for (size_t i = 0; (a = la_advice(i)); i++) {
                struct tune_law law;

                if (!a->name || !a->standard || !a->unit || !a->since || !a->removed || !a->module || !a->mistaken ||
                    !a->with_zero || !a->effect || *a->effect == '\0')
                        fail_msg("%s: a field is missing", a->name);
                if (la_knob_find(a->name))
                        fail_msg("%s is in knob.def, too", a->name);
                if (!tune_law_of(a->name, &law) || law.advice != a)
                        fail_msg("%s is not found", a->name);
                if (a->sort == LA_ADVICE_GONE && *a->removed == '\0')
                        fail_msg("%s: gone since when?", a->name);
                if (a->min >= a->max)
                        fail_msg("%s: no range", a->name);
        }
        assert_true(la_advice(10) != NULL);
}

/* net.ipv4.tcp_... of Linux 3.0 to 6.18. */
static void
each_of_tcp_s_names_has_an_answer(void **unused)
{
        static const char *const leaves[] = { "abc",
                                              "abort_on_overflow",
                                              "adv_win_scale",
                                              "allowed_congestion_control",
                                              "app_win",
                                              "autocorking",
                                              "available_congestion_control",
                                              "available_ulp",
                                              "backlog_ack_defer",
                                              "base_mss",
                                              "challenge_ack_limit",
                                              "child_ehash_entries",
                                              "comp_sack_delay_ns",
                                              "comp_sack_nr",
                                              "comp_sack_slack_ns",
                                              "congestion_control",
                                              "cookie_size",
                                              "dma_copybreak",
                                              "dsack",
                                              "early_demux",
                                              "early_retrans",
                                              "ecn",
                                              "ecn_fallback",
                                              "ecn_option",
                                              "ecn_option_beacon",
                                              "ehash_entries",
                                              "fack",
                                              "fastopen",
                                              "fastopen_blackhole_timeout_sec",
                                              "fastopen_key",
                                              "fin_timeout",
                                              "frto",
                                              "frto_response",
                                              "fwmark_accept",
                                              "invalid_ratelimit",
                                              "keepalive_intvl",
                                              "keepalive_probes",
                                              "keepalive_time",
                                              "l3mdev_accept",
                                              "limit_output_bytes",
                                              "low_latency",
                                              "max_orphans",
                                              "max_reordering",
                                              "max_ssthresh",
                                              "max_syn_backlog",
                                              "max_tw_buckets",
                                              "mem",
                                              "migrate_req",
                                              "min_rtt_wlen",
                                              "min_snd_mss",
                                              "min_tso_segs",
                                              "moderate_rcvbuf",
                                              "mtu_probe_floor",
                                              "mtu_probing",
                                              "no_metrics_save",
                                              "no_ssthresh_metrics_save",
                                              "notsent_lowat",
                                              "orphan_retries",
                                              "pacing_ca_ratio",
                                              "pacing_ss_ratio",
                                              "pingpong_thresh",
                                              "plb_cong_thresh",
                                              "plb_enabled",
                                              "plb_idle_rehash_rounds",
                                              "plb_rehash_rounds",
                                              "plb_suspend_rto_sec",
                                              "probe_interval",
                                              "probe_threshold",
                                              "recovery",
                                              "reflect_tos",
                                              "reordering",
                                              "retrans_collapse",
                                              "retries1",
                                              "retries2",
                                              "rfc1337",
                                              "rmem",
                                              "rto_max_ms",
                                              "rto_min_us",
                                              "sack",
                                              "shrink_window",
                                              "slow_start_after_idle",
                                              "stdurg",
                                              "syn_linear_timeouts",
                                              "syn_retries",
                                              "synack_retries",
                                              "syncookies",
                                              "thin_dupack",
                                              "thin_linear_timeouts",
                                              "timestamps",
                                              "tso_rtt_log",
                                              "tso_win_divisor",
                                              "tw_recycle",
                                              "tw_reuse",
                                              "tw_reuse_delay",
                                              "window_scaling",
                                              "wmem",
                                              "workaround_signed_windows" };

        (void)unused;
        for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
                struct tune_law law;
                char name[80];

                snprintf(name, sizeof(name), "net.ipv4.tcp_%s", leaves[i]);
                if (!tune_law_of(name, &law))
                        fail_msg("%s: neither table has it", name);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_blog_s_file),
                cmocka_unit_test(other_lines_that_people_paste),
                cmocka_unit_test(what_the_host_is_like_matters),
                cmocka_unit_test(what_other_lines_say_matters),
                cmocka_unit_test(what_the_kernel_says_counts),
                cmocka_unit_test(what_is_not_tcp_s_is_not_judged),
                cmocka_unit_test(severities_follow_verdicts),
                cmocka_unit_test(each_row_of_advice_is_whole),
                cmocka_unit_test(each_of_tcp_s_names_has_an_answer),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
