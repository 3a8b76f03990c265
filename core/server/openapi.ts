/** The whole contract as OpenAPI 3.1, generated from the route table. */
import { z } from 'zod';
import { routes, type Route } from '#core/api/routes.ts';
import { apiError } from '#core/api/schemas.ts';
import { linesType } from './send-lines.ts';

type Json = Record<string, unknown>;

/** A fresh document; the caller may keep it. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Porchlight',
      version,
      description: 'Times are UTC milliseconds. Boxes are fractions of the picture.',
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'The contents of api-token in the data folder' },
        session: { type: 'apiKey', in: 'cookie', name: 'porchlight_session' },
      },
      schemas: { Error: schemaOf(apiError, 'output') },
    },
  };
}

function operation(name: string, route: Route): Json {
  const answer =
    typeof route.answer === 'string'
      ? { [route.answer]: {} }
      : {
          'application/json': { schema: schemaOf(route.answer, 'output') },
          ...(route.lines ? { [linesType]: { schema: schemaOf(route.lines, 'output') } } : {}),
        };
  const status = String(route.webSocket ? 101 : (route.status ?? 200));
  return {
    operationId: name,
    summary: route.webSocket ? `WebSocket: ${route.summary}` : route.summary,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } } }
      : {}),
    ...(route.open ? { security: [] } : {}),
    responses: {
      [status]: { description: route.summary, content: answer },
      default: {
        description: 'What went wrong, as a code and a sentence',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    // A coerced number accepts anything on its way in; what it must be is what comes out.
    schema: Object.keys(property).length > 0 ? property : outputProperty(schema, name),
  }));
}

function outputProperty(schema: z.ZodType, name: string): Json {
  const { properties = {} } = schemaOf(schema, 'output') as { properties?: Record<string, Json> };
  return properties[name] ?? {};
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
