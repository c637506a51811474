/*
 * The floor of the scan-to-relay benchmark: the least that can be called the same work. Reads RDM6300 frames from a serial line,
 * checks the XOR, finds the card among 100,000 in memory, appends a record of 400 bytes to a file and makes it durable
 * (fdatasync), and only then writes the relay's "on" frame.
 *
 * Usage: floor READER RELAY LOG ROWS
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { RECORD_BYTES = 400 };

static int open_raw(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY);
    struct termios raw;
    if (fd < 0 || tcgetattr(fd, &raw) != 0) {
        perror(path);
        exit(1);
    }
    cfmakeraw(&raw);
    tcsetattr(fd, TCSANOW, &raw);
    return fd;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 5) return 2;
    int reader = open_raw(argv[1]), relay = open_raw(argv[2]);
    int log = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    size_t rows = strtoul(argv[4], NULL, 10);
    uint64_t *cards = malloc(rows * sizeof *cards);
    if (log < 0 || !cards) return 1;
    for (size_t i = 0; i < rows; i++) cards[i] = 0x0100000000u | (i + 1);
    puts("ready");
    fflush(stdout);

    char hex[13] = {0}, record[RECORD_BYTES];
    int filled = -1;
    for (;;) {
        uint8_t bytes[64];
        ssize_t count = read(reader, bytes, sizeof bytes);
        if (count <= 0) return 0;
        for (ssize_t i = 0; i < count; i++) {
            if (bytes[i] == 0x02) filled = 0;
            else if (bytes[i] == 0x03 && filled == 12) {
                uint64_t frame = strtoull(hex, NULL, 16), number = frame >> 8;
                uint8_t check = 0;
                for (int shift = 0; shift < 40; shift += 8) check ^= (uint8_t)(number >> shift);
                filled = -1;
                if (check != (uint8_t)frame || !bsearch(&number, cards, rows, sizeof number, by_number)) continue;
                memset(record, 'x', sizeof record);
                snprintf(record, sizeof record, "%llx granted", (unsigned long long)number);
                if (write(log, record, sizeof record) != sizeof record || fdatasync(log) != 0) return 1;
                if (write(relay, "\xA0\x01\x01\xA2", 4) != 4) return 1;
            } else if (filled >= 0 && filled < 12) hex[filled++] = (char)bytes[i];
            else filled = -1;
        }
    }
}
