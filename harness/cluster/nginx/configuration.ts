/** The configuration of nginx before the instances. A pure function of its settings. */

export interface NginxSettings {
  /** `127.0.0.1:3000` */
  readonly listen: string;
  /** the instances that get requests: `127.0.0.1:40001`, or a name that the resolver finds */
  readonly upstreams: readonly string[];
  /** a DNS server with the addresses of a name; null: the upstreams are addresses */
  readonly resolver: string | null;
  /** false for an nginx without `keepalive_min_timeout` */
  readonly keepsIdleClients: boolean;
  /** user and group of the workers; null: those of the process that starts nginx */
  readonly user: string | null;
  readonly files: NginxFiles;
}

/** Paths, relative to the folder that nginx is started with. */
interface NginxFiles {
  readonly pid: string;
  readonly log: string;
  /** the start of the paths for large bodies and answers */
  readonly temporary: string;
}

/** A reload does not close the connection of a client whose next request comes in this time. */
const IDLE_CLIENT_S = 1;
/** Longer than a request can take: each of its attempts has 5 s. */
const SHUTDOWN_S = 30;

const STATUSES = { 502: "The instance did not answer", 504: "The instance did not answer in time" } as const;

/** An answer like those of the service (RFC 9457). */
function noAnswer(status: keyof typeof STATUSES): string[] {
  const type = "/problems/no-answer";
  const detail = "Nothing shows whether a write took effect. Repeat it under its idempotency key, or send GET /requests/<key>.";
  return [
    `    location @no_answer_${status} {`,
    "      default_type application/problem+json;",
    "      add_header X-Upstream $upstream_addr always;",
    "      add_header Retry-After 1 always;",
    `      return ${status} '${JSON.stringify({ type, title: STATUSES[status], status, detail })}';`,
    "    }",
  ];
}

function upstreamLines({ upstreams, resolver }: NginxSettings): string[] {
  // An instance that one request finds silent gets no request for 5 s.
  const more = `${resolver === null ? "" : " resolve"} max_fails=1 fail_timeout=5s`;
  return [
    "  upstream instances {",
    // addresses that come from a resolver live in shared memory
    ...(resolver === null ? [] : ["    zone instances 64k;"]),
    ...upstreams.map((address) => `    server ${address}${more};`),
    "    keepalive 64;",
    "  }",
  ];
}

export function nginxConfiguration(settings: NginxSettings): string {
  const { listen, resolver, keepsIdleClients, user, files } = settings;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return [
    "# bench generates this file: harness/cluster/nginx/configuration.ts",
    "daemon off;",
    "worker_processes 1;",
    ...(user === null ? [] : [`user ${user};`]),
    `pid ${files.pid};`,
    `error_log ${files.log} warn;`,
    `worker_shutdown_timeout ${SHUTDOWN_S}s;`,
    "events { worker_connections 1024; }",
    "http {",
    "  access_log off;",
    ...temporary.map((name) => `  ${name}_temp_path ${files.temporary}${name};`),
    "  keepalive_requests 1000000;",
    ...(keepsIdleClients ? [`  keepalive_min_timeout ${IDLE_CLIENT_S}s;`] : []),
    ...(resolver === null ? [] : [`  resolver ${resolver} valid=2s ipv6=off;`]),
    "  map $request_method $is_read { default 0; GET 1; HEAD 1; }",
    ...upstreamLines(settings),
    "  server {",
    `    listen ${listen};`,
    "    proxy_http_version 1.1;",
    '    proxy_set_header Connection "";',
    "    proxy_set_header Host $http_host;",
    "    proxy_connect_timeout 500ms;",
    "    proxy_read_timeout 5s;",
    "    add_header X-Upstream $upstream_addr always;",
    "    recursive_error_pages on;",
    "    error_page 502 @no_answer_502;",
    "    error_page 504 @no_answer_504;",
    "    location / {",
    "      error_page 418 = @writes;",
    "      error_page 502 @no_answer_502;",
    "      error_page 504 @no_answer_504;",
    "      if ($is_read = 0) { return 418; }",
    "      proxy_pass http://instances;",
    "      # Not http_503: with it, two reads that a busy cluster refuses take all instances out for 5 s.",
    "      proxy_next_upstream error timeout http_502 http_504;",
    "    }",
    "    location @writes {",
    "      proxy_pass http://instances;",
    "      # A write without an answer may have taken effect. The client repeats it under its idempotency key.",
    "      proxy_next_upstream off;",
    "    }",
    ...noAnswer(502),
    ...noAnswer(504),
    "  }",
    "}",
    "",
  ].join("\n");
}
