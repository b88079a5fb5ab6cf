# The service and the command line: `docker run orm-shootout --help`. docker-compose.yml starts several of them behind nginx.
ARG NODE=node:24.21.0-alpine

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY docker/service-packages.mjs docker/
COPY api/packages.ts api/
RUN node --disable-warning=ExperimentalWarning docker/service-packages.mjs && npm install --ignore-scripts

FROM ${NODE}
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
ENV NODE_ENV=production ORM_SHOOTOUT_HOME=/tmp/orm-shootout
USER node
EXPOSE 3000
HEALTHCHECK --interval=2s --timeout=3s --start-period=30s --retries=5 CMD ["node", "docker/health.mjs"]
ENTRYPOINT ["node", "bin/bench.cjs"]
CMD ["api", "serve", "--host", "0.0.0.0"]
