import { GraphQLError } from 'graphql';

/** What the GraphQL API says went wrong. @param code such as `quota`, `authz`, `parser` */
export function fault(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
