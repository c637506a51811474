import {
  AliasNode,
  AndNode,
  BinaryOperationNode,
  ColumnNode,
  type ColumnUpdateNode,
  type DeleteQueryNode,
  IdentifierNode,
  type InsertQueryNode,
  type JoinNode,
  type KyselyPlugin,
  OnNode,
  type OperationNode,
  OperationNodeTransformer,
  OperatorNode,
  ParensNode,
  type PluginTransformQueryArgs,
  type PrimitiveValueListNode,
  RawNode,
  ReferenceNode,
  type RootOperationNode,
  SchemableIdentifierNode,
  type SelectQueryNode,
  TableNode,
  type UpdateQueryNode,
  ValueNode,
  type ValuesNode,
  WhereNode,
} from 'kysely'

/** Tables that hold nothing of any school. Every other one is filtered, also one that is made tomorrow. */
export const OF_NO_SCHOOL: ReadonlySet<string> = new Set(['session_keys', 'push_keys', 'schema_migrations'])

/**
 * Adds the school to every statement that Kysely writes: what is read, changed and deleted is the school's, what is
 * entered has to be. null = the rows of no school. The policies of the database say the same once more; each holds
 * without the other. SQL that is written by hand is not looked into: it names the school itself.
 */
export function ownSchool(schoolId: string | null): KyselyPlugin {
  const transformer = new OwnSchool(schoolId)
  return {
    transformQuery: ({ node, queryId }: PluginTransformQueryArgs): RootOperationNode =>
      transformer.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  }
}

/** A query in another one was transformed when it was put there, and is met again with the whole. */
const done = new WeakSet<OperationNode>()

class OwnSchool extends OperationNodeTransformer {
  readonly #schoolId: string | null
  /** Names that `with` gave. */
  readonly #given = new Set<string>()

  constructor(schoolId: string | null) {
    super()
    this.#schoolId = schoolId
  }

  protected override transformNodeImpl<Node extends OperationNode>(node: Node): Node {
    const names = givenNames(node).filter(name => !this.#given.has(name))
    for (const name of names) this.#given.add(name)
    const transformed = super.transformNodeImpl(node)
    for (const name of names) this.#given.delete(name)
    return transformed
  }

  protected override transformSelectQuery(node: SelectQueryNode): SelectQueryNode {
    if (done.has(node)) return node
    return this.#mark({
      ...super.transformSelectQuery(node),
      ...this.#where(node.where, node.from?.froms ?? []),
    })
  }

  protected override transformUpdateQuery(node: UpdateQueryNode): UpdateQueryNode {
    if (done.has(node)) return node
    for (const update of node.updates ?? []) this.#checkUpdate(node.table, update)
    const tables = [node.table, ...(node.from?.froms ?? [])].filter(table => table !== undefined)
    return this.#mark({ ...super.transformUpdateQuery(node), ...this.#where(node.where, tables) })
  }

  protected override transformDeleteQuery(node: DeleteQueryNode): DeleteQueryNode {
    if (done.has(node)) return node
    const tables = [...node.from.froms, ...(node.using?.tables ?? [])]
    return this.#mark({ ...super.transformDeleteQuery(node), ...this.#where(node.where, tables) })
  }

  protected override transformInsertQuery(node: InsertQueryNode): InsertQueryNode {
    if (done.has(node)) return node
    if (node.into !== undefined) this.#checkInsert(node.into, node)
    const transformed = super.transformInsertQuery(node)
    const { onConflict } = transformed
    const filter = node.into === undefined ? null : this.#filter(node.into)
    if (filter === null || onConflict?.updates === undefined) return this.#mark(transformed)
    for (const update of onConflict.updates) this.#checkUpdate(node.into, update)
    return this.#mark({
      ...transformed,
      onConflict: { ...onConflict, updateWhere: WhereNode.create(and(onConflict.updateWhere?.where, filter)) },
    })
  }

  /** The condition of a left join goes where it joins: below, it would lose the rows that have no partner. */
  protected override transformJoin(node: JoinNode): JoinNode {
    const transformed = super.transformJoin(node)
    const filter = this.#filter(node.table)
    if (filter === null) return transformed
    if (node.joinType !== 'InnerJoin' && node.joinType !== 'LeftJoin') {
      throw new Error(`a ${node.joinType} with a school's table is not filtered: write it as a left join`)
    }
    return { ...transformed, on: OnNode.create(and(transformed.on?.on, filter)) }
  }

  #mark<Node extends OperationNode>(node: Node): Node {
    done.add(node)
    return node
  }

  #where(where: WhereNode | undefined, tables: readonly OperationNode[]): { readonly where?: WhereNode } {
    const filters = tables.map(table => this.#filter(table)).filter(filter => filter !== null)
    const said = where && this.transformNode(where).where
    const whole = filters.reduce<OperationNode | undefined>((sum, filter) => and(sum, filter), said)
    return whole === undefined ? {} : { where: WhereNode.create(whole) }
  }

  /** null: no table of a school's. */
  #filter(from: OperationNode): OperationNode | null {
    const table = this.#schoolTable(from)
    if (table === null) return null
    const column = ReferenceNode.create(ColumnNode.create(columnOf(table.name)), TableNode.create(table.as))
    return this.#schoolId === null
      ? BinaryOperationNode.create(column, OperatorNode.create('is'), RawNode.createWithSql('null'))
      : BinaryOperationNode.create(column, OperatorNode.create('='), ValueNode.create(this.#schoolId))
  }

  #schoolTable(from: OperationNode): { readonly name: string; readonly as: string } | null {
    if (AliasNode.is(from)) {
      const inner = this.#schoolTable(from.node)
      return inner && IdentifierNode.is(from.alias) ? { ...inner, as: from.alias.name } : null
    }
    if (!TableNode.is(from) || from.table.schema !== undefined) return null
    const { name } = from.table.identifier
    return OF_NO_SCHOOL.has(name) || this.#given.has(name) ? null : { name, as: name }
  }

  /** Rows that come from a query are of the school because the query's are. */
  #checkInsert(into: TableNode, { columns = [], values }: InsertQueryNode): void {
    const table = this.#schoolTable(into)
    if (table === null || values?.kind !== 'ValuesNode') return
    const at = columns.findIndex(({ column }) => column.name === columnOf(table.name))
    for (const row of (values as ValuesNode).values) {
      const value =
        row.kind === 'PrimitiveValueListNode'
          ? (row as PrimitiveValueListNode).values[at]
          : valueIn((row.values as readonly OperationNode[])[at])
      this.#check(table.name, value)
    }
  }

  #checkUpdate(from: OperationNode | undefined, { column, value }: ColumnUpdateNode): void {
    const table = from === undefined ? null : this.#schoolTable(from)
    if (table === null || !ColumnNode.is(column) || column.column.name !== columnOf(table.name)) return
    this.#check(table.name, valueIn(value))
  }

  #check(table: string, value: unknown): void {
    if (value === this.#schoolId) return
    throw new Error(
      `a row of ${table} would be of ${value === undefined ? 'an unknown school' : (value ?? 'no school')}, and this transaction is of ${this.#schoolId ?? 'no school'}`,
    )
  }
}

const columnOf = (table: string) => (table === 'schools' ? 'id' : 'school_id')

/** What was there stands in brackets: an `or` in it does not swallow what comes after. */
function and(said: OperationNode | undefined, filter: OperationNode): OperationNode {
  return said === undefined ? filter : AndNode.create(ParensNode.create(said), filter)
}

function valueIn(node: OperationNode | undefined): unknown {
  return node !== undefined && ValueNode.is(node) ? node.value : undefined
}

function givenNames(node: OperationNode): string[] {
  const given = (node as Partial<SelectQueryNode>).with
  if (given === undefined || given.kind !== 'WithNode') return []
  return given.expressions.map(({ name }) => {
    const { table } = name.table
    return SchemableIdentifierNode.is(table) ? table.identifier.name : ''
  })
}
