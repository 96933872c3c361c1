import type { RecordBatch } from '@hybrid-sync/kafka';
import { Catch, Controller, Inject, UseFilters, type RpcExceptionFilter } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { throwError, type Observable } from 'rxjs';
import { ReadModel, type BatchOutcome } from './read-model.js';
import { commandBatch, entryBatch, revocationBatch, statusBatch } from './topic-transport.js';

/** Errors go back to the transport as they are: it decides when to try again. */
@Catch()
class PassOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

@Controller()
@UseFilters(PassOn)
export class BatchController {
  readonly #readModel: ReadModel;

  constructor(@Inject(ReadModel) readModel: ReadModel) {
    this.#readModel = readModel;
  }

  @MessagePattern(revocationBatch)
  applyRevocations(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.#readModel.applyRevocations(batch);
  }

  @MessagePattern(statusBatch)
  applyStatuses(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.#readModel.applyStatuses(batch);
  }

  @MessagePattern(entryBatch)
  applyEntries(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.#readModel.applyEntries(batch);
  }

  @MessagePattern(commandBatch)
  applyCommands(@Payload() batch: RecordBatch): Promise<BatchOutcome> {
    return this.#readModel.applyCommands(batch);
  }
}
