/*
 * The stopwatch of the scan-to-relay benchmarks, the same for every subject: makes two pseudo-terminals, prints their names, and at
 * each line on standard input that says "run N GAP_US" sends N frames down the first, waits for the relay's "on" bytes on the second,
 * and prints the N times in nanoseconds.
 *
 * Usage: probe [FRAMES ON ANSWER]
 *   FRAMES  a file of frames, each a line of hexadecimal, sent in turn; else RDM6300 cards 0100000001 ...
 *   ON      what the relay is told, in hexadecimal; else LCUS channel 1 on, A0 01 01 A2
 *   ANSWER  what the board says to each piece that it hears: none, echo, modbus (RTU, functions 1, 2, 5 and 16), prompt (the echo
 *           and LF CR >), or bytes in hexadecimal
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pty.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MS_MAX = 5000, CARDS = 1000, FRAME_BYTES = 1024 };

static uint8_t on[64] = {0xA0, 0x01, 0x01, 0xA2}, answer[64];
static size_t on_length = 4, answer_length;
static const char *how = "none";
static uint8_t (*frames)[FRAME_BYTES];
static size_t *lengths, frame_count;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int make_pty(char *name)
{
    int master, slave;
    struct termios raw;
    cfmakeraw(memset(&raw, 0, sizeof raw));
    raw.c_cflag |= CREAD | CLOCAL | CS8;
    if (openpty(&master, &slave, name, &raw, NULL) != 0) {
        perror("openpty");
        exit(1);
    }
    /* The slave stays open here, so that a subject may come and go without a hang-up. */
    return master;
}

/* Card number `which` of the list: 01 and four bytes, big-endian. */
static int card_frame(char *frame, uint32_t which)
{
    uint8_t data[5] = {0x01, (uint8_t)(which >> 24), (uint8_t)(which >> 16), (uint8_t)(which >> 8), (uint8_t)which};
    uint8_t check = 0;
    for (int i = 0; i < 5; i++) check ^= data[i];
    return sprintf(frame, "\x02%02X%02X%02X%02X%02X%02X\x03", data[0], data[1], data[2], data[3], data[4], check);
}

static size_t from_hex(const char *text, uint8_t *bytes, size_t most)
{
    size_t count = 0;
    unsigned value;
    while (count < most && sscanf(text + 2 * count, "%2x", &value) == 1) bytes[count++] = (uint8_t)value;
    return count;
}

static void read_frames(const char *path)
{
    char line[2 * FRAME_BYTES + 2];
    FILE *file = fopen(path, "r");
    frames = calloc(CARDS, sizeof *frames);
    lengths = calloc(CARDS, sizeof *lengths);
    if (!file || !frames || !lengths) {
        perror(path);
        exit(1);
    }
    while (frame_count < CARDS && fgets(line, sizeof line, file)) {
        lengths[frame_count] = from_hex(line, frames[frame_count], FRAME_BYTES);
        frame_count++;
    }
    fclose(file);
}

/* CRC-16/MODBUS, low byte first. */
static void crc16(uint8_t *bytes, size_t length)
{
    uint16_t crc = 0xFFFF;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (uint16_t)(crc >> 1 ^ 0xA001) : (uint16_t)(crc >> 1);
    }
    bytes[length] = (uint8_t)crc;
    bytes[length + 1] = (uint8_t)(crc >> 8);
}

static void say(int relay, const uint8_t *heard, size_t count)
{
    uint8_t said[320];
    size_t length = 0;
    if (strcmp(how, "none") == 0) return;
    if (strcmp(how, "echo") == 0 || strcmp(how, "prompt") == 0) memcpy(said, heard, length = count);
    else if (strcmp(how, "modbus") == 0) {
        if (count < 8) return;
        /* A write is answered by its head, a read by how many bytes and so many zeros. */
        memcpy(said, heard, length = 6);
        if (heard[1] < 5) {
            said[2] = (uint8_t)(((heard[4] << 8 | heard[5]) + 7) / 8);
            memset(said + 3, 0, said[2]);
            length = 3u + said[2];
        }
        crc16(said, length);
        length += 2;
    } else memcpy(said, answer, length = answer_length);
    if (strcmp(how, "prompt") == 0) {
        memcpy(said + length, "\n\r>", 3);
        length += 3;
    }
    if (write(relay, said, length) != (ssize_t)length) perror("relay");
}

/* Hears the relay's line until then, or until it is told to go on; answers everything. */
static int listen_until(int relay, uint64_t until, int ends_at_on)
{
    size_t matched = 0;
    for (uint64_t now = now_ns(); now < until; now = now_ns()) {
        struct pollfd ready = {.fd = relay, .events = POLLIN};
        if (poll(&ready, 1, (int)((until - now) / 1000000u) + 1) <= 0) continue;
        uint8_t bytes[256];
        ssize_t count = read(relay, bytes, sizeof bytes);
        if (count <= 0) return -1;
        int is_on = 0;
        for (ssize_t i = 0; i < count; i++) {
            matched = bytes[i] == on[matched] ? matched + 1 : bytes[i] == on[0];
            if (matched == on_length) {
                is_on = 1;
                matched = 0;
            }
        }
        if (is_on && ends_at_on) {
            uint64_t at = now_ns();
            say(relay, bytes, (size_t)count);
            /* The caller began its wait of so long when it sent. */
            uint64_t took = at - (until - (uint64_t)ANSWER_MS_MAX * 1000000u);
            return took > 2000000000u ? 2000000000 : (int)took;
        }
        say(relay, bytes, (size_t)count);
    }
    return ends_at_on ? -1 : 0;
}

int main(int argc, char **argv)
{
    char reader_name[128], relay_name[128], line[128];
    uint8_t frame[FRAME_BYTES];
    int reader = make_pty(reader_name), relay = make_pty(relay_name);
    uint32_t which = 0;
    if (argc == 4) {
        read_frames(argv[1]);
        on_length = from_hex(argv[2], on, sizeof on);
        how = argv[3];
        answer_length = from_hex(how, answer, sizeof answer);
    }
    printf("%s %s\n", reader_name, relay_name);
    fflush(stdout);

    for (;;) {
        struct pollfd ready[2] = {{.fd = 0, .events = POLLIN}, {.fd = relay, .events = POLLIN}};
        if (poll(ready, 2, -1) < 0) return 1;
        if (ready[1].revents & POLLIN && listen_until(relay, now_ns() + 1000000u, 0) != 0) return 1;
        if (!(ready[0].revents & (POLLIN | POLLHUP))) continue;
        int runs;
        long gap_us;
        if (!fgets(line, sizeof line, stdin)) return 0;
        if (sscanf(line, "run %d %ld", &runs, &gap_us) != 2 || runs < 1 || runs > 100000) continue;
        for (int i = 0; i < runs; i++) {
            if (listen_until(relay, now_ns() + (uint64_t)gap_us * 1000u, 0) != 0) return 1;
            size_t length = frame_count > 0 ? lengths[which % frame_count] : (size_t)card_frame((char *)frame, which % CARDS + 1);
            const uint8_t *sent = frame_count > 0 ? frames[which % frame_count] : frame;
            which++;
            uint64_t begin = now_ns();
            int took;
            if (write(reader, sent, length) != (ssize_t)length ||
                (took = listen_until(relay, begin + (uint64_t)ANSWER_MS_MAX * 1000000u, 1)) < 0) {
                printf("lost\n");
                fflush(stdout);
                return 1;
            }
            printf("%d\n", took);
        }
        printf("done\n");
        fflush(stdout);
    }
}
