// Starts Swagger UI; a request that changes something carries the CSRF value of the signed-in browser.
"use strict";
(() => {
  /** @param {string} name */
  const cookie = (name) =>
    document.cookie
      .split("; ")
      .find((part) => part.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? "";

  // @ts-expect-error: the bundle defines it as a global
  SwaggerUIBundle({
    url: "/api/openapi.json",
    dom_id: "#swagger",
    deepLinking: true,
    validatorUrl: null,
    displayRequestDuration: true,
    tryItOutEnabled: false,
    persistAuthorization: false,
    /** @param {{url: string, method: string, headers: Record<string, string>, credentials: string}} request */
    requestInterceptor: (request) => {
      request.credentials = "same-origin";
      if (!["GET", "HEAD", "OPTIONS"].includes((request.method ?? "GET").toUpperCase())) {
        const refresh = request.url.endsWith("/auth/refresh");
        request.headers["X-CSRF-TOKEN"] = decodeURIComponent(
          cookie(refresh ? "csrf_refresh_token" : "csrf_access_token"),
        );
      }
      return request;
    },
  });
})();
