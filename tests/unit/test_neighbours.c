/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbours on an Ethernet: RFC 826, RFC 1122 2.3.2, RFC 5227, RFC 4861, RFC 6583. */
#include "link/neighbours.h"

#include <errno.h>

#include "link/ethernet.h"
#include "packets.h"
#include "wire/bytes.h"
#include "wire/ip.h"
#include "wire/ipv6.h"

#define MS      ((tcp_time)1000)
#define SECOND  (1000 * MS)
#define ENTRIES 8

static const uint8_t our_mac[6] = { 2, 0, 0, 0, 0, 1 }, peer_mac[6] = { 2, 0, 0, 0, 0, 9 },
                     other_mac[6] = { 2, 0, 0, 0, 0, 8 };
static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };
static const uint8_t our4[4] = { 192, 0, 2, 1 }, peer4[4] = { 192, 0, 2, 9 }, gateway4[4] = { 192, 0, 2, 254 },
                     far4[4] = { 203, 0, 113, 5 };
static const uint8_t our6[16] = { 0xfd, 0x77, [15] = 1 }, peer6[16] = { 0xfd, 0x77, [14] = 0x12, [15] = 9 };
static const uint8_t gateway6[16] = { 0xfe, 0x80, [15] = 0xfe }, far6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 5 };
static const uint8_t our_local[16] = { 0xfe, 0x80, [11] = 0xff, 0xfe, [15] = 1 };

static struct neighbours *n;
static tcp_time now;

static int
set_up_with(const struct neighbours_config *config)
{
        now = 100 * SECOND;
        if (neighbours_new(config, &n) < 0 || neighbours_address(n, now, LA_IPV4, our4, 24) < 0 ||
            neighbours_address(n, now, LA_IPV6, our6, 64) < 0)
                return -1;
        /* What is announced has a test of its own. */
        for (unsigned int i = 0; i < 10; i++) {
                neighbours_advance(n, now += SECOND);
                while (neighbours_next(n))
                        ;
        }
        return neighbours_deadline(n) == LA_NEVER ? 0 : -1;
}

static int
set_up(void **state)
{
        struct neighbours_config config = { .entries = ENTRIES };

        (void)state;
        memcpy(config.mac, our_mac, 6);
        memcpy(config.gateway4, gateway4, 4);
        memcpy(config.gateway6, gateway6, 16);
        return set_up_with(&config);
}

static int
tear_down(void **state)
{
        (void)state;
        neighbours_free(n);
        return 0;
}

/* ---- Words ---- */

static size_t
address_bytes(enum la_family family)
{
        return family == LA_IPV4 ? 4 : 16;
}

static struct la_packet
packet_to(enum la_family family, const uint8_t *destination, uint8_t mark)
{
        static uint8_t text[3];
        struct la_packet p = { .parts = 1, .part = { { text, 3 } } };
        struct ip_packet ip = { .family = family, .protocol = IP_TCP };

        memset(text, mark, sizeof text);
        memcpy(ip.source, family == LA_IPV4 ? our4 : our6, address_bytes(family));
        memcpy(ip.destination, destination, address_bytes(family));
        p.header_bytes = (uint16_t)ip_build(&ip, 3, p.header);
        return p;
}

/* It leaves at once, to this MAC; NULL: it does not. */
static void
expect_sent(enum la_family family, const uint8_t *destination, const uint8_t *mac)
{
        struct la_packet p = packet_to(family, destination, 1);
        uint8_t header[ETHERNET_HEADER];

        assert_int_equal(neighbours_header(n, now, &p, header), mac != NULL);
        if (!mac)
                return;
        assert_memory_equal(header, mac, 6);
        assert_memory_equal(header + 6, our_mac, 6);
        assert_int_equal(get16(header + 12), family == LA_IPV4 ? 0x0800 : 0x86dd);
}

static void
expect_silence(void)
{
        assert_null(neighbours_next(n));
}

static struct arp_message
arp(enum arp_operation operation, const uint8_t *mac, const uint8_t *sender, const uint8_t *target)
{
        struct arp_message m = { .operation = operation };

        memcpy(m.sender_mac, mac, 6);
        memcpy(m.sender, sender, 4);
        memcpy(m.target, target, 4);
        return m;
}

static void
hear_arp(enum arp_operation operation, const uint8_t *mac, const uint8_t *sender, const uint8_t *target)
{
        struct arp_message m = arp(operation, mac, sender, target);
        uint8_t b[ARP_BYTES];

        arp_build(&m, b);
        neighbours_arp(n, now, b, sizeof b);
}

static void
expect_arp(const uint8_t *to, enum arp_operation operation, const uint8_t *sender, const uint8_t *target)
{
        const struct neighbour_frame *frame = neighbours_next(n);
        struct arp_message m;

        assert_non_null(frame);
        assert_memory_equal(frame->header, to, 6);
        assert_memory_equal(frame->header + 6, our_mac, 6);
        assert_int_equal(get16(frame->header + 12), 0x0806);
        assert_true(arp_parse(frame->packet.header, frame->packet.header_bytes, &m));
        assert_int_equal(m.operation, operation);
        assert_memory_equal(m.sender_mac, our_mac, 6);
        assert_memory_equal(m.sender, sender, 4);
        assert_memory_equal(m.target, target, 4);
}

static struct ndp_message
expect_ndp(enum ndp_kind kind, const uint8_t *to, const uint8_t *source, const uint8_t *destination,
           const uint8_t *target)
{
        const struct neighbour_frame *frame = neighbours_next(n);
        struct ndp_message m;
        struct ip_packet ip;

        assert_non_null(frame);
        assert_memory_equal(frame->header, to, 6);
        assert_int_equal(get16(frame->header + 12), 0x86dd);
        assert_int_equal(ip_parse(frame->packet.header, frame->packet.header_bytes, &ip), WIRE_OK);
        assert_int_equal(ndp_parse(&ip, &m), kind);
        assert_memory_equal(m.source, source, 16);
        assert_memory_equal(m.destination, destination, 16);
        assert_memory_equal(m.target, target, 16);
        return m;
}

/* A solicitation or advertisement from `source`, which says where it is. */
static struct ndp_message
ndp(const uint8_t *mac, const uint8_t *source, const uint8_t *target)
{
        struct ndp_message m = { .has_mac = mac != NULL };

        if (mac)
                memcpy(m.mac, mac, 6);
        memcpy(m.source, source, 16);
        memcpy(m.destination, our6, 16);
        memcpy(m.target, target, 16);
        return m;
}

static void
advertise(const uint8_t *mac, const uint8_t *target, bool solicited, bool override)
{
        struct ndp_message m = ndp(mac, target, target);

        m.solicited = solicited;
        m.override = override;
        neighbours_ndp(n, now, NDP_ADVERTISEMENT, &m);
}

static void
expect_released(const uint8_t *mac, uint8_t mark)
{
        const struct neighbour_frame *frame = neighbours_next(n);

        assert_non_null(frame);
        assert_memory_equal(frame->header, mac, 6);
        assert_memory_equal(frame->header + 6, our_mac, 6);
        assert_int_equal(frame->packet.parts, 1);
        assert_int_equal(frame->packet.part[0].length, 3);
        assert_int_equal(frame->packet.part[0].bytes[2], mark);
}

static void
pass(tcp_time time)
{
        assert_true(neighbours_deadline(n) >= now);
        now += time;
        neighbours_advance(n, now);
}

/* The peer is known, and has answered just now. */
static void
know_peer4(void)
{
        expect_sent(LA_IPV4, peer4, NULL);
        expect_arp(all, ARP_REQUEST, our4, peer4);
        hear_arp(ARP_REPLY, peer_mac, peer4, our4);
        expect_released(peer_mac, 1);
        expect_silence();
}

static const uint8_t peer_group_mac[6] = { 0x33, 0x33, 0xff, 0, 0x12, 9 };
static const uint8_t peer_group[16] = { 0xff, 2, [11] = 1, 0xff, [14] = 0x12, [15] = 9 };

static void
know_peer6(void)
{
        expect_sent(LA_IPV6, peer6, NULL);
        assert_true(expect_ndp(NDP_SOLICITATION, peer_group_mac, our6, peer_group, peer6).has_mac);
        advertise(peer_mac, peer6, true, true);
        expect_released(peer_mac, 1);
        expect_silence();
}

/* ---- Finding them ---- */

static void
asks_for_a_neighbour_and_sends_what_waited(void **state)
{
        struct la_packet second = packet_to(LA_IPV4, peer4, 2);
        uint8_t header[ETHERNET_HEADER];

        (void)state;
        expect_sent(LA_IPV4, peer4, NULL);
        second = packet_to(LA_IPV4, peer4, 2);
        assert_false(neighbours_header(n, now, &second, header));
        expect_arp(all, ARP_REQUEST, our4, peer4);
        expect_silence(); /* one question for two packets */
        hear_arp(ARP_REPLY, peer_mac, peer4, our4);
        expect_released(peer_mac, 1);
        expect_released(peer_mac, 2);
        expect_silence();
        expect_sent(LA_IPV4, peer4, peer_mac);
        expect_silence();
}

static void
asks_for_an_ipv6_neighbour(void **state)
{
        (void)state;
        know_peer6();
        expect_sent(LA_IPV6, peer6, peer_mac);
        expect_silence();
}

/* RFC 1122 2.3.2.2: the latest packets are kept. */
static void
keeps_the_latest_packets(void **state)
{
        (void)state;
        for (uint8_t i = 0; i < NEIGHBOURS_WAITING + 5; i++) {
                struct la_packet p = packet_to(LA_IPV4, peer4, i);
                uint8_t header[ETHERNET_HEADER];

                assert_false(neighbours_header(n, now, &p, header));
        }
        expect_arp(all, ARP_REQUEST, our4, peer4);
        hear_arp(ARP_REPLY, peer_mac, peer4, our4);
        for (uint8_t i = 5; i < NEIGHBOURS_WAITING + 5; i++)
                expect_released(peer_mac, i);
        expect_silence();
        assert_int_equal(neighbours_counts(n).dropped, 5);
}

static void
asks_three_times_and_gives_up(void **state)
{
        (void)state;
        expect_sent(LA_IPV4, peer4, NULL);
        for (unsigned int i = 0; i < 3; i++) {
                expect_arp(all, ARP_REQUEST, our4, peer4);
                expect_silence();
                assert_int_equal(neighbours_deadline(n), now + SECOND);
                pass(SECOND - 1);
                expect_silence();
                pass(1);
        }
        expect_silence();
        assert_int_equal(neighbours_counts(n).lost, 1);
        assert_int_equal(neighbours_counts(n).dropped, 1);
        assert_int_equal(neighbours_deadline(n), LA_NEVER);
        expect_sent(LA_IPV4, peer4, NULL); /* and the next packet asks anew */
        expect_arp(all, ARP_REQUEST, our4, peer4);
}

static void
goes_over_the_gateway_to_other_networks(void **state)
{
        static const uint8_t group_mac[6] = { 0x33, 0x33, 0xff, 0, 0, 0xfe };
        static const uint8_t group[16] = { 0xff, 2, [11] = 1, 0xff, [15] = 0xfe };

        (void)state;
        expect_sent(LA_IPV4, far4, NULL);
        expect_arp(all, ARP_REQUEST, our4, gateway4);
        hear_arp(ARP_REPLY, peer_mac, gateway4, our4);
        expect_released(peer_mac, 1);
        expect_sent(LA_IPV4, far4, peer_mac);
        expect_sent(LA_IPV4, gateway4, peer_mac);

        expect_sent(LA_IPV6, far6, NULL); /* whose link-local address is asked for from ours */
        expect_ndp(NDP_SOLICITATION, group_mac, our_local, group, gateway6);
        advertise(other_mac, gateway6, true, true);
        expect_released(other_mac, 1);
        expect_sent(LA_IPV6, far6, other_mac);
        expect_silence();
}

static void
drops_what_has_no_way(void **state)
{
        static const uint8_t group4[4] = { 224, 0, 0, 1 }, group6[16] = { 0xff, 2, [15] = 1 };
        struct neighbours_config config = { .entries = ENTRIES };

        (void)state;
        expect_sent(LA_IPV4, our4, NULL); /* to ourselves */
        neighbours_free(n);
        memcpy(config.mac, our_mac, 6);
        assert_int_equal(set_up_with(&config), 0);
        expect_sent(LA_IPV4, far4, NULL);
        expect_sent(LA_IPV6, far6, NULL);
        expect_sent(LA_IPV4, group4, NULL);
        expect_sent(LA_IPV6, group6, NULL);
        assert_int_equal(neighbours_counts(n).dropped, 4);
        expect_silence();
}

/* ---- Keeping them ---- */

static void
asks_again_only_where_there_is_traffic(void **state)
{
        (void)state;
        know_peer4();
        pass(30 * SECOND);
        expect_silence();
        assert_int_equal(neighbours_deadline(n), LA_NEVER);
        expect_sent(LA_IPV4, peer4, peer_mac); /* it is used as it is, and confirmed in a while */
        expect_silence();
        pass(5 * SECOND);
        expect_arp(peer_mac, ARP_REQUEST, our4, peer4);
        hear_arp(ARP_REPLY, peer_mac, peer4, our4);
        expect_silence();
        pass(29 * SECOND);
        expect_sent(LA_IPV4, peer4, peer_mac);
        pass(SECOND);
        expect_silence();
        assert_int_equal(neighbours_counts(n).lost, 0);
}

static void
forgets_who_does_not_answer_any_more(void **state)
{
        (void)state;
        know_peer6();
        pass(31 * SECOND);
        expect_sent(LA_IPV6, peer6, peer_mac);
        pass(5 * SECOND);
        for (unsigned int i = 0; i < 3; i++) {
                expect_ndp(NDP_SOLICITATION, peer_mac, our6, peer6, peer6);
                expect_sent(LA_IPV6, peer6, peer_mac);
                pass(SECOND);
        }
        expect_silence();
        assert_int_equal(neighbours_counts(n).lost, 1);
        expect_sent(LA_IPV6, peer6, NULL);
        expect_ndp(NDP_SOLICITATION, peer_group_mac, our6, peer_group, peer6);
}

static void
follows_a_neighbour_that_moves(void **state)
{
        (void)state;
        know_peer4();
        hear_arp(ARP_REQUEST, other_mac, peer4, peer4); /* its announcement */
        expect_silence();
        expect_sent(LA_IPV4, peer4, other_mac);
        pass(5 * SECOND); /* which is confirmed soon */
        expect_arp(other_mac, ARP_REQUEST, our4, peer4);
}

/* RFC 4861 7.2.5 */
static void
believes_advertisements_as_far_as_they_go(void **state)
{
        (void)state;
        advertise(peer_mac, peer6, true, true); /* nobody asked */
        expect_sent(LA_IPV6, peer6, NULL);
        expect_ndp(NDP_SOLICITATION, peer_group_mac, our6, peer_group, peer6);
        advertise(NULL, peer6, true, true); /* which does not say where */
        expect_silence();
        advertise(peer_mac, peer6, true, false);
        expect_released(peer_mac, 1);

        advertise(other_mac, peer6, true, false); /* that must not override: doubtful from now on */
        expect_sent(LA_IPV6, peer6, peer_mac);
        pass(5 * SECOND);
        expect_ndp(NDP_SOLICITATION, peer_mac, our6, peer6, peer6);
        advertise(NULL, peer6, true, true); /* confirmed where it is */
        pass(10 * SECOND);
        expect_silence();
        advertise(other_mac, peer6, false, true);
        expect_sent(LA_IPV6, peer6, other_mac);
        pass(5 * SECOND);
        expect_ndp(NDP_SOLICITATION, other_mac, our6, peer6, peer6);
}

/* ---- Being asked ---- */

static void
answers_who_asks_and_remembers_him(void **state)
{
        struct ndp_message m = ndp(peer_mac, peer6, our6);

        (void)state;
        hear_arp(ARP_REQUEST, peer_mac, peer4, our4);
        expect_arp(peer_mac, ARP_REPLY, our4, peer4);
        expect_sent(LA_IPV4, peer4, peer_mac);

        neighbours_ndp(n, now, NDP_SOLICITATION, &m);
        m = expect_ndp(NDP_ADVERTISEMENT, peer_mac, our6, peer6, our6);
        assert_true(m.solicited && m.override && m.has_mac && !m.router);
        assert_memory_equal(m.mac, our_mac, 6);
        expect_sent(LA_IPV6, peer6, peer_mac);
        expect_silence();
        assert_int_equal(neighbours_counts(n).answered, 2);
}

static void
answers_for_its_link_local_address(void **state)
{
        static const uint8_t peer_local[16] = { 0xfe, 0x80, [15] = 9 };
        struct ndp_message m = ndp(peer_mac, peer_local, our_local);
        uint8_t local[16];

        (void)state;
        assert_true(neighbours_link_local(n, local));
        assert_memory_equal(local, our_local, 16);
        neighbours_ndp(n, now, NDP_SOLICITATION, &m);
        expect_ndp(NDP_ADVERTISEMENT, peer_mac, our_local, peer_local, our_local);
        expect_sent(LA_IPV6, peer_local, peer_mac);
}

/* One that does not say where it is has to be asked before it can be told. */
static void
asks_who_asks_from_nowhere(void **state)
{
        struct ndp_message m = ndp(NULL, peer6, our6);

        (void)state;
        neighbours_ndp(n, now, NDP_SOLICITATION, &m);
        expect_ndp(NDP_SOLICITATION, peer_group_mac, our6, peer_group, peer6);
        expect_silence();
        advertise(peer_mac, peer6, true, true);
        expect_ndp(NDP_ADVERTISEMENT, peer_mac, our6, peer6, our6);
}

/* From another network: answered, but not to be sent to. */
static void
answers_who_asks_from_far_away(void **state)
{
        struct ndp_message m = ndp(peer_mac, far6, our6);

        (void)state;
        hear_arp(ARP_REQUEST, peer_mac, far4, our4);
        expect_arp(peer_mac, ARP_REPLY, our4, far4);
        neighbours_ndp(n, now, NDP_SOLICITATION, &m);
        expect_ndp(NDP_ADVERTISEMENT, peer_mac, our6, far6, our6);
        expect_sent(LA_IPV4, far4, NULL);
        expect_arp(all, ARP_REQUEST, our4, gateway4);
}

static void
has_nothing_to_say_of_others(void **state)
{
        struct ndp_message m = ndp(peer_mac, peer6, far6);

        (void)state;
        hear_arp(ARP_REQUEST, peer_mac, peer4, gateway4);
        hear_arp(ARP_REQUEST, our_mac, our4, our4); /* our own announcement, come back */
        neighbours_ndp(n, now, NDP_SOLICITATION, &m);
        neighbours_ndp(n, now, NDP_OF_ROUTERS, &m);
        expect_silence();
        expect_sent(LA_IPV4, peer4, NULL); /* and has not learnt from it */
        assert_int_equal(neighbours_counts(n).conflicts, 0);
}

static void
defends_its_addresses(void **state)
{
        static const uint8_t nobody4[4], nobody6[16], all_nodes[16] = { 0xff, 2, [15] = 1 };
        static const uint8_t all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
        struct ndp_message m = ndp(NULL, nobody6, our6);

        (void)state;
        hear_arp(ARP_REQUEST, other_mac, nobody4, our4); /* a probe (RFC 5227 2.1.1) */
        expect_arp(other_mac, ARP_REPLY, our4, nobody4);
        neighbours_ndp(n, now, NDP_SOLICITATION, &m); /* RFC 4862 5.4.3 */
        assert_false(expect_ndp(NDP_ADVERTISEMENT, all_nodes_mac, our6, all_nodes, our6).solicited);
        assert_int_equal(neighbours_counts(n).conflicts, 0);

        for (unsigned int i = 0; i < 20; i++) { /* RFC 5227 2.4: once in 10 s */
                hear_arp(ARP_REQUEST, other_mac, our4, our4);
                if (i % 10 == 0)
                        expect_arp(all, ARP_REQUEST, our4, our4);
                expect_silence();
                now += SECOND;
        }
        advertise(other_mac, our6, false, true);
        expect_ndp(NDP_ADVERTISEMENT, all_nodes_mac, our6, all_nodes, our6);
        advertise(other_mac, our6, false, true);
        expect_silence();
        assert_int_equal(neighbours_counts(n).conflicts, 22);
}

static void
announces_itself(void **state)
{
        static const uint8_t nobody[16], group[16] = { 0xff, 2, [11] = 1, 0xff, [15] = 1 };
        static const uint8_t group_mac[6] = { 0x33, 0x33, 0xff, 0, 0, 1 },
                             all_nodes_mac[6] = { 0x33, 0x33, 0, 0, 0, 1 };
        static const uint8_t second4[4] = { 192, 0, 2, 2 }, all_nodes[16] = { 0xff, 2, [15] = 1 };
        struct neighbours_config config = { .entries = ENTRIES };
        struct neighbours *kept = n;

        (void)state;
        assert_int_equal(neighbours_address(n, now, LA_IPV4, second4, 24), 0);
        assert_int_equal(neighbours_deadline(n), now);
        pass(0);
        expect_arp(all, ARP_REQUEST, second4, second4);
        pass(2 * SECOND);
        expect_arp(all, ARP_REQUEST, second4, second4);
        expect_silence();
        assert_int_equal(neighbours_deadline(n), LA_NEVER);

        memcpy(config.mac, our_mac, 6);
        assert_int_equal(neighbours_new(&config, &n), 0);
        assert_int_equal(neighbours_address(n, now, LA_IPV6, our6, 64), 0);
        pass(0);
        expect_ndp(NDP_SOLICITATION, group_mac, nobody, group, our_local);
        expect_ndp(NDP_SOLICITATION, group_mac, nobody, group, our6);
        for (unsigned int i = 0; i < 2; i++) {
                pass(i == 0 ? SECOND : 2 * SECOND);
                assert_true(expect_ndp(NDP_ADVERTISEMENT, all_nodes_mac, our_local, all_nodes, our_local).override);
                assert_true(expect_ndp(NDP_ADVERTISEMENT, all_nodes_mac, our6, all_nodes, our6).has_mac);
        }
        expect_silence();
        neighbours_free(n);
        n = kept;
}

/* ---- Bounds ---- */

/* Addresses that nobody has push out each other, and not the neighbour that is there. */
static void
a_scan_pushes_out_itself(void **state)
{
        (void)state;
        know_peer4();
        for (uint8_t i = 20; i < 200; i++) {
                expect_sent(LA_IPV4, (uint8_t[]){ 192, 0, 2, i }, NULL);
                expect_arp(all, ARP_REQUEST, our4, (uint8_t[]){ 192, 0, 2, i });
        }
        expect_silence();
        expect_sent(LA_IPV4, peer4, peer_mac);
        assert_int_equal(neighbours_counts(n).pushed_out, 180 - ENTRIES / 2);
        assert_int_equal(neighbours_counts(n).dropped, 180 - ENTRIES / 2);
}

static void
forgets_the_one_used_longest_ago(void **state)
{
        (void)state;
        know_peer4();
        for (uint8_t i = 20; i < 200; i++) {
                now += MS;
                expect_sent(LA_IPV4, peer4, peer_mac);
                hear_arp(ARP_REQUEST, (uint8_t[]){ 2, 0, 0, 0, 1, i }, (uint8_t[]){ 192, 0, 2, i }, our4);
                expect_arp((uint8_t[]){ 2, 0, 0, 0, 1, i }, ARP_REPLY, our4, (uint8_t[]){ 192, 0, 2, i });
        }
        expect_sent(LA_IPV4, peer4, peer_mac);
        expect_silence();
}

static void
bounds_what_waits_and_what_it_says(void **state)
{
        struct neighbours_config config = { .entries = ENTRIES, .waiting_bytes = 3000 };
        unsigned int said = 0;

        (void)state;
        neighbours_free(n);
        memcpy(config.mac, our_mac, 6);
        assert_int_equal(set_up_with(&config), 0);
        for (uint8_t i = 20; i < 24; i++)
                for (unsigned int j = 0; j < 3; j++)
                        expect_sent(LA_IPV4, (uint8_t[]){ 192, 0, 2, i }, NULL);
        assert_true(neighbours_counts(n).dropped >= 5);
        for (unsigned int i = 0; i < 1000; i++)
                hear_arp(ARP_REQUEST, peer_mac, peer4, our4);
        while (neighbours_next(n))
                said++;
        assert_true(said <= 256);
        hear_arp(ARP_REQUEST, peer_mac, peer4, our4);
        expect_arp(peer_mac, ARP_REPLY, our4, peer4);
}

static void
refuses_wrong_values(void **state)
{
        struct neighbours_config config = { .entries = 1 };
        struct neighbours *none = NULL;

        (void)state;
        assert_int_equal(neighbours_new(&config, &none), -EINVAL);
        config.entries = 65537;
        assert_int_equal(neighbours_new(&config, &none), -EINVAL);
        assert_null(none);
        assert_int_equal(neighbours_address(n, now, LA_IPV4, peer4, 33), -EINVAL);
        assert_int_equal(neighbours_address(n, now, LA_IPV6, peer6, 129), -EINVAL);
        for (uint8_t i = 0; i < NEIGHBOURS_ADDRESSES - 3; i++)
                assert_int_equal(neighbours_address(n, now, LA_IPV4, (uint8_t[]){ 10, 0, 0, i }, 8), 0);
        assert_int_equal(neighbours_address(n, now, LA_IPV4, peer4, 24), -ENOSPC);
        assert_int_equal(neighbours_address(n, now, LA_IPV4, our4, 24), 0);
}

/* ---- Frames ---- */

static enum ethernet_kind
arrive(const uint8_t *to, uint16_t type, const char *hex)
{
        uint8_t b[200], *copy;
        size_t size = ETHERNET_HEADER + bytes_of(hex, b + ETHERNET_HEADER);
        enum ethernet_kind kind;

        memcpy(b, to, 6);
        memcpy(b + 6, peer_mac, 6);
        put16(b + 12, type);
        copy = exact_copy(b, size);
        kind = ethernet_arrived(n, our_mac, now, copy, size);
        free(copy);
        return kind;
}

static void
sorts_frames(void **state)
{
        static const uint8_t group4[6] = { 1, 0, 0x5e, 0, 0, 1 };

        (void)state;
        assert_int_equal(arrive(our_mac, 0x0800, SYN_IPV4), ETHERNET_PACKET);
        assert_int_equal(arrive(our_mac, 0x86dd, DATA_IPV6), ETHERNET_PACKET);
        assert_int_equal(arrive(other_mac, 0x0800, SYN_IPV4), ETHERNET_OTHERS);
        assert_int_equal(arrive(all, 0x0800, SYN_IPV4), ETHERNET_OTHERS);
        assert_int_equal(arrive(group4, 0x0800, SYN_IPV4), ETHERNET_OTHERS);
        assert_int_equal(arrive(our_mac, 0x0800, DATA_IPV6), ETHERNET_REFUSED);
        assert_int_equal(arrive(our_mac, 0x86dd, SYN_IPV4), ETHERNET_REFUSED);
        assert_int_equal(arrive(our_mac, 0x0800, ""), ETHERNET_REFUSED);
        assert_int_equal(arrive(our_mac, 0x8100, SYN_IPV4), ETHERNET_REFUSED); /* a VLAN's */
        assert_int_equal(ethernet_arrived(n, our_mac, now, our_mac, 6), ETHERNET_REFUSED);
        expect_silence();
        assert_int_equal(arrive(all, 0x0806, "0001 0800 06 04 0001 020000000009 c0000209 000000000000 c0000201"),
                         ETHERNET_TAKEN);
        expect_arp(peer_mac, ARP_REPLY, our4, peer4);
        assert_int_equal(arrive(our_mac, 0x0806, "0001"), ETHERNET_TAKEN);
        assert_int_equal(neighbours_counts(n).refused, 1);
}

static void
hears_neighbour_discovery_in_frames(void **state)
{
        struct ndp_message m = ndp(peer_mac, peer6, our6);
        uint8_t b[ETHERNET_HEADER + NDP_BYTES] = { 0x33, 0x33, 0xff, 0, 0, 1 };
        size_t size = ETHERNET_HEADER + ndp_build_solicitation(&m, b + ETHERNET_HEADER);

        (void)state;
        put16(b + 12, 0x86dd);
        assert_int_equal(ethernet_arrived(n, our_mac, now, b, size), ETHERNET_TAKEN);
        expect_ndp(NDP_ADVERTISEMENT, peer_mac, our6, peer6, our6);
        b[ETHERNET_HEADER + 7] = 64; /* from beyond a router */
        assert_int_equal(ethernet_arrived(n, our_mac, now, b, size), ETHERNET_TAKEN);
        assert_int_equal(neighbours_counts(n).refused, 1);
        assert_int_equal(ethernet_arrived(n, our_mac, now, b, size - 1), ETHERNET_REFUSED);
        expect_silence();
}

static void
makes_a_mac_beside_another(void **state)
{
        uint8_t mac[6];

        (void)state;
        ethernet_mac_beside((uint8_t[]){ 0x52, 0x54, 0, 1, 2, 3 }, mac);
        assert_memory_equal(mac, ((uint8_t[]){ 0x52, 0x54, 0, 1, 2, 2 }), 6);
        ethernet_mac_beside((uint8_t[]){ 0x01, 0x54, 0, 1, 2, 4 }, mac);
        assert_memory_equal(mac, ((uint8_t[]){ 0x02, 0x54, 0, 1, 2, 5 }), 6);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(asks_for_a_neighbour_and_sends_what_waited),
                CASE(asks_for_an_ipv6_neighbour),
                CASE(keeps_the_latest_packets),
                CASE(asks_three_times_and_gives_up),
                CASE(goes_over_the_gateway_to_other_networks),
                CASE(drops_what_has_no_way),
                CASE(asks_again_only_where_there_is_traffic),
                CASE(forgets_who_does_not_answer_any_more),
                CASE(follows_a_neighbour_that_moves),
                CASE(believes_advertisements_as_far_as_they_go),
                CASE(answers_who_asks_and_remembers_him),
                CASE(answers_for_its_link_local_address),
                CASE(asks_who_asks_from_nowhere),
                CASE(answers_who_asks_from_far_away),
                CASE(has_nothing_to_say_of_others),
                CASE(defends_its_addresses),
                CASE(announces_itself),
                CASE(a_scan_pushes_out_itself),
                CASE(forgets_the_one_used_longest_ago),
                CASE(bounds_what_waits_and_what_it_says),
                CASE(refuses_wrong_values),
                CASE(sorts_frames),
                CASE(hears_neighbour_discovery_in_frames),
                CASE(makes_a_mac_beside_another),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
