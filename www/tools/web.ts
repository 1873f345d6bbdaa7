/** Tools for those who run computers and web sites. */

// biome-ignore format: a table
const statuses = new Map(Object.entries({
  100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints",
  200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information",
  204: "No Content", 205: "Reset Content", 206: "Partial Content", 207: "Multi-Status",
  300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
  304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
  400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
  404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
  407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
  411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
  414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable",
  417: "Expectation Failed", 418: "I'm a teapot", 421: "Misdirected Request",
  422: "Unprocessable Content", 423: "Locked", 424: "Failed Dependency", 425: "Too Early",
  426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
  431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
  500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
  503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  507: "Insufficient Storage", 508: "Loop Detected", 511: "Network Authentication Required",
}));

const statusClasses = [
  "information: the request goes on",
  "success",
  "redirection: what was asked for is elsewhere",
  "an error in the request of the browser or app",
  "an error of the server",
];

const permissionNames = ["read", "write", "execute"];

function bitsOf(digit: string): boolean[] {
  return [4, 2, 1].map((bit) => (Number(digit) & bit) !== 0);
}

function inWords(digit: string): string {
  const names = permissionNames.filter((_, index) => bitsOf(digit)[index]);
  return names.length > 0 ? names.join(", ") : "nothing";
}

export const web = {
  http_status({ code }: { code: number }) {
    const name = statuses.get(String(code));
    if (name === undefined) throw new Error(`${code} is not a registered HTTP status code.`);
    return { name, class: statusClasses[Math.floor(code / 100) - 1] };
  },

  /** What owner, group and others may do, from the three octal digits that chmod takes. */
  file_permissions({ mode }: { mode: string }) {
    if (!/^[0-7]{3}$/u.test(mode)) {
      throw new Error(`"${mode}" is not three digits from 0 to 7, as in 755.`);
    }
    const [owner = "0", group = "0", others = "0"] = mode;
    const symbolic = [owner, group, others]
      .flatMap((digit) => bitsOf(digit).map((set, index) => (set ? "rwx".charAt(index) : "-")))
      .join("");
    return {
      symbolic,
      owner: inWords(owner),
      group: inWords(group),
      others: inWords(others),
    };
  },
};
