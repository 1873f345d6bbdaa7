/** The part of the SDK's `Client` that is used: these types don't need the SDK to be installed. */
export interface McpClient {
  request(
    request: { method: string; params?: Record<string, unknown> },
    resultSchema: any,
    options?: { signal?: AbortSignal; timeout?: number },
  ): Promise<unknown>;
  setNotificationHandler(schema: any, handler: (notification: any) => void): void;
  removeNotificationHandler(method: string): void;
  getServerVersion(): { name: string } | undefined;
  close(): Promise<void>;
  /** Absent while the client is not connected. */
  readonly transport?: unknown;
  onerror?: ((error: Error) => void) | undefined;
}
