# Build with everything, run with what is needed.
FROM node:24-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm ci && npm prune --omit=dev

FROM node:24-bookworm-slim
# Without the last, every thread that ever hashed a password keeps the 19 MB that it took.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 GATEHOUSE_LISTEN=0.0.0.0:4000 GATEHOUSE_DATABASE=sqlite:/data/gatehouse.db
WORKDIR /app
RUN install -d -m 0700 -o node -g node /data
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY migrations ./migrations
COPY views ./views
COPY templates ./templates
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "dist/main.js", "health"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["serve"]
