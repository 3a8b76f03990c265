/* The floor of recording: receive from N sockets and write to N files, nothing else. Blocking recv with SO_RCVLOWAT in one
   poll loop. usage: floor out-folder seconds fd-count host port path... ; each path is asked for with a one-line protocol
   ("RAW <path>\n") that the benchmark's source answers with the same bytes it would send over RTSP. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  const char *folder = argv[1];
  int seconds = atoi(argv[2]), port = atoi(argv[3]), n = argc - 4;
  struct pollfd *fds = calloc(n, sizeof *fds);
  int *out = calloc(n, sizeof *out);
  static char buffer[1 << 20];
  for (int i = 0; i < n; i++) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    fds[i].fd = socket(AF_INET, SOCK_STREAM, 0);
    fds[i].events = POLLIN;
    if (connect(fds[i].fd, (struct sockaddr *)&to, sizeof to)) return 3;
    int low = 64 * 1024;
    setsockopt(fds[i].fd, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low);
    char line[256];
    int length = snprintf(line, sizeof line, "RAW %s\n", argv[4 + i]);
    if (write(fds[i].fd, line, length) != length) return 4;
    snprintf(line, sizeof line, "%s/floor-%d", folder, i);
    out[i] = open(line, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  puts("ready");
  fflush(stdout);
  time_t end = time(NULL) + seconds;
  while (time(NULL) < end) {
    if (poll(fds, n, 500) <= 0) continue;
    for (int i = 0; i < n; i++)
      if (fds[i].revents) {
        ssize_t got = recv(fds[i].fd, buffer, sizeof buffer, 0);
        if (got <= 0) { fds[i].fd = -1; continue; }
        if (write(out[i], buffer, got) != got) return 5;
      }
  }
  return 0;
}
