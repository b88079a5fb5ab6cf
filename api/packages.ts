/** The packages that only the service imports. They are optional peers, because most users measure a batch and no service. */
export const SERVICE_PACKAGES = ["fastify", "@fastify/swagger", "@fastify/type-provider-typebox", "typebox", "prom-client"];
