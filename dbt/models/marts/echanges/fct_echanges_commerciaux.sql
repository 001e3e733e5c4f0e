{%- set frontieres = ['gb', 'cwe', 'ch', 'it', 'es'] -%}
with

lectures as (

    select * from {{ ref('stg_odre__imports_exports_commerciaux') }}

),

-- No raw file was ever seen. If there is a duplicate, the choice is arbitrary but stable.
uniques as (

    select *
    from lectures
    qualify row_number() over (
        partition by date, tranche_horaire
        order by
        {% for frontiere in frontieres %}
            export_{{ frontiere }}_mw desc nulls last,
            import_{{ frontiere }}_mw asc nulls last{{ ',' if not loop.last }}
        {% endfor %}
    ) = 1

),

-- One select per border rather than an unpivot, which would drop the missing readings.
par_frontiere as (
    {% for frontiere in frontieres %}
    select
        date,
        tranche_horaire,
        '{{ frontiere }}' as frontiere,
        export_{{ frontiere }}_mw as export_mw,
        import_{{ frontiere }}_mw as import_mw
    from uniques
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        date,
        tranche_horaire,
        frontiere,
        export_mw,
        import_mw,
        export_mw + import_mw as solde_mw
    from par_frontiere

)

select * from final
